// The state of a stream that several tenants (organisations, companies) share: an object for each, below one field.
import { configError } from './errors.ts';
import { instantOf } from './instants.ts';
import { isObject } from './schema.ts';
import type { States } from './state.ts';

export type TenantState = Readonly<Record<string, unknown>>;

export interface TenantStatesOptions {
  /** The field that holds the tenants' states, and what the vendor calls a tenant. */
  readonly field: string;
  readonly tenant: string;
  /** Whether a cursor can be gone on from. Default: the text of an instant. */
  readonly isCursor?: (cursor: unknown) => boolean;
}

/** What the last run left of a stream, by tenant. State that cannot be understood is an error, never a fresh start. */
export function tenantStates(
  name: string,
  states: States,
  { field, tenant, isCursor = (cursor) => instantOf(cursor) !== undefined }: TenantStatesOptions,
): Record<string, TenantState> {
  const state = states.get(name);
  if (!state || Object.keys(state).length === 0) return {};
  const unreadable = (why: string) =>
    configError(
      `Cannot go on from the state of stream "${name}": ${why}, pass a state of this source or none to start afresh`,
      { stream: name },
    );
  const found = state[field];
  if (!isObject(found)) throw unreadable(`it has no "${field}"`);
  const read: Record<string, TenantState> = {};
  for (const [id, one] of Object.entries(found)) {
    if (!isObject(one)) throw unreadable(`that of ${tenant} "${id}" is not an object`);
    const { cursor } = one;
    if (cursor !== undefined && !isCursor(cursor))
      throw unreadable(`the cursor ${JSON.stringify(cursor)} of ${tenant} "${id}" is no instant`);
    read[id] = one;
  }
  return read;
}
