// Which kind of call a request is: what limits and tests count by.
import { entityNamed } from './entities.ts';
import type { CallKind } from './quota.ts';

export interface Route {
  readonly realmId: string;
  readonly kind: CallKind;
  /** Path segments below the company. */
  readonly rest: readonly string[];
}

const API = /^\/v3\/company\/([^/]+)\/?(.*)$/i;

/** The route of a path below /v3/company; undefined for every other path. */
export function routeOf(method: string, url: URL): Route | undefined {
  const found = API.exec(url.pathname);
  if (!found) return undefined;
  const [, realmId = '', below = ''] = found;
  const rest = below.split('/').filter(Boolean).map(decodeURIComponent);
  return { realmId, rest, kind: kindOf(method, rest) };
}

function kindOf(method: string, [first = '']: readonly string[]): CallKind {
  const name = first.toLowerCase();
  if (name === 'query') return 'query';
  if (name === 'batch') return 'batch';
  if (method !== 'GET' && (entityNamed(name) !== undefined || name === 'upload')) return 'write';
  if (name === 'cdc') return 'cdc';
  return name === 'reports' ? 'report' : 'read';
}
