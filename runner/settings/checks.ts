// What a schema cannot say about the file: connectors that exist, crons that fire, names that are not taken twice.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { connectors } from '../registry.ts';
import { cronProblem, timezoneProblem } from './crons.ts';
import type { Path, SettingsDocument } from './document.ts';
import type { Finding } from './findings.ts';
import { nearest, suggestion } from './nearest.ts';
import { isOfKind, isProgram } from './specs.ts';
import { runName } from './tenants.ts';
import { valueAt } from './trees.ts';
import { isVaultReference } from './variables.ts';

/** The value may break the schema, so nothing in it is certain. */
export function checkFile(document: SettingsDocument, value: unknown): readonly Finding[] {
  const { http, reconcile, store, key_file, pipelines } = record(value);
  return [
    ...checkTimes(document, ['reconcile'], record(reconcile)),
    ...checkAddress(document, record(http)),
    ...Object.entries({ store, key_file })
      .filter(([, text]) => typeof text === 'string' && isVaultReference(text))
      .map(([name]) =>
        document.at(
          [name],
          `"${name}" cannot come from the vault: the vault is opened with it, write \${NAME}`,
        ),
      ),
    ...Object.entries(record(pipelines)).flatMap(([name, pipeline]) =>
      checkPipeline(document, ['pipelines', name], record(pipeline)),
    ),
    ...checkConnections(document, record(pipelines)),
  ];
}

/** What a variable brought is not shown: it may be a secret in the wrong place. */
const writtenAt = (document: SettingsDocument, path: Path): string => String(valueAt(document.value, path));

const record = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function checkPipeline(
  document: SettingsDocument,
  path: Path,
  { source, destination, streams, schedules, tenants }: Record<string, unknown>,
): readonly Finding[] {
  return [
    ...checkConnector(document, [...path, 'source'], record(source).connector),
    ...checkConnector(document, [...path, 'destination'], record(destination).connector),
    ...list(schedules).flatMap((schedule, index) => {
      const at = [...path, 'schedules', index];
      return [
        ...checkTimes(document, at, record(schedule)),
        ...checkStreams(document, [...at, 'streams'], { wanted: record(schedule).streams, moved: streams }),
      ];
    }),
    ...checkTenants(document, [...path, 'tenants'], { base: String(path.at(-1)), tenants: list(tenants) }),
  ];
}

function checkConnector(document: SettingsDocument, path: Path, connector: unknown): readonly Finding[] {
  if (typeof connector !== 'string' || connector === '' || isProgram(connector)) return [];
  const kind = path.at(-1) === 'source' ? 'source' : 'destination';
  const names: readonly string[] = connectors.filter((name) => isOfKind(name, kind));
  if (names.includes(connector)) return [];
  const meant = nearest(connector, names) ?? nearest(`${kind}-${connector}`, names);
  const remedy = meant
    ? `did you mean "${meant}"?`
    : `choose ${names.join(' or ')}, or give the path of a program`;
  const place = [...path, 'connector'];
  return [document.at(place, `Unknown ${kind} "${writtenAt(document, place)}": ${remedy}`)];
}

function checkTimes(
  document: SettingsDocument,
  path: Path,
  { cron, timezone }: Record<string, unknown>,
): readonly Finding[] {
  const check = (name: string, value: unknown, problem: (text: string) => string | undefined) => {
    const reason = typeof value === 'string' && value !== '' ? problem(value) : undefined;
    if (reason === undefined) return [];
    const written = writtenAt(document, [...path, name]);
    // The reason quotes the value.
    const told = written === value ? reason : reason.replace(/:.*/, '');
    return [document.at([...path, name], `"${written}" ${told}`)];
  };
  return [...check('cron', cron, cronProblem), ...check('timezone', timezone, timezoneProblem)];
}

function checkStreams(
  document: SettingsDocument,
  path: Path,
  { wanted, moved }: { readonly wanted: unknown; readonly moved: unknown },
): readonly Finding[] {
  if (!Array.isArray(moved)) return [];
  const names = moved.filter((name): name is string => typeof name === 'string');
  return list(wanted).flatMap((name, index) => {
    if (typeof name !== 'string' || names.includes(name)) return [];
    const place = [...path, index];
    const offered = list(valueAt(document.value, [...path.slice(0, 2), 'streams'])).map(String);
    const message = `The pipeline moves no stream "${writtenAt(document, place)}": ${suggestion(name, offered)}`;
    return [document.at(place, message)];
  });
}

function checkTenants(
  document: SettingsDocument,
  path: Path,
  { base, tenants }: { readonly base: string; readonly tenants: readonly unknown[] },
): readonly Finding[] {
  const seen = new Set<string>();
  return tenants.flatMap((entry, index) => {
    const { tenant, name } = record(entry);
    if (typeof tenant !== 'string') return [];
    const run = runName(base, { tenant, ...(typeof name === 'string' ? { name } : {}) });
    const place = [...path, index, name === undefined ? 'tenant' : 'name'];
    const written = writtenAt(document, place);
    if (name === undefined && !/^[A-Za-z0-9_-]+$/.test(tenant))
      return [document.at(place, `Tenant "${written}" cannot be the name of a run: give it a "name"`)];
    if (seen.has(run))
      return [
        document.at(place, `There are two tenants "${base}.${written}": give each a "name" of its own`),
      ];
    seen.add(run);
    return [];
  });
}

/** Others than this machine get in by the token alone. */
function checkAddress(
  document: SettingsDocument,
  { listen, token }: Record<string, unknown>,
): readonly Finding[] {
  if (typeof listen !== 'string' || isLoopback(listen) || (typeof token === 'string' && token !== ''))
    return [];
  return [
    document.at(
      ['http', 'listen'],
      `"${writtenAt(document, ['http', 'listen'])}" can be reached from other machines: add "token" to "http", or listen on 127.0.0.1`,
    ),
  ];
}

export const isLoopback = (address: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost)$/.test(address);

/** Pipelines that share a consent read the same product with it. */
function checkConnections(
  document: SettingsDocument,
  pipelines: Record<string, unknown>,
): readonly Finding[] {
  const owners = new Map<string, { readonly pipeline: string; readonly connector: unknown }>();
  return Object.entries(pipelines).flatMap(([pipeline, value]) => {
    const { connection = pipeline, connector } = record(record(value).source);
    const owner = owners.get(String(connection));
    if (!owner) owners.set(String(connection), { pipeline, connector });
    if (!owner || owner.connector === connector) return [];
    return [
      document.at(
        ['pipelines', pipeline, 'source', 'connection'],
        `Connection "${writtenAt(document, ['pipelines', pipeline, 'source', 'connection'])}" is that of another connector, in pipeline "${owner.pipeline}": choose another name`,
      ),
    ];
  });
}
