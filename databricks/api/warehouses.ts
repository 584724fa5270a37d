// The state of a SQL warehouse: asked for, never changed. A statement starts a stopped one by itself.
import type { Api } from '../api.ts';

export interface Warehouse {
  readonly name: string;
  /** STARTING, RUNNING, STOPPING, STOPPED, DELETING, DELETED. */
  readonly state: string;
  /** HEALTHY, DEGRADED, FAILED; empty when not told. */
  readonly health: string;
  readonly summary: string;
}

/** The warehouse; throws with status 404 (or 400 for an ID of the wrong form) when there is none of that ID. */
export async function findWarehouse({ url, send }: Api, id: string): Promise<Warehouse> {
  const response = await send({
    method: 'GET',
    url: `${url}/api/2.0/sql/warehouses/${encodeURIComponent(id)}`,
    purpose: `use the SQL warehouse "${id}"`,
  });
  const { name, state, health } = response.json() as {
    readonly name?: string;
    readonly state?: string;
    readonly health?: { readonly status?: string; readonly summary?: string };
  };
  return {
    name: name ?? id,
    state: state ?? '',
    health: health?.status ?? '',
    summary: health?.summary ?? '',
  };
}
