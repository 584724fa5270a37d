// Begins the audit trail of a job: with the webhook events that it answers, and the file of what is put aside.
import type { Clock, ConfiguredCatalog } from '@airbyte/cdk-typescript-shim';
import type { Job, Store } from '../../store/contract.ts';
import { streamsOfEvent } from '../../webhooks/streams.ts';
import { rejectedIn } from './rejected.ts';
import { type EventNote, Trail } from './trail.ts';

export interface TrailStart {
  readonly job: Job;
  readonly catalog: ConfiguredCatalog;
  /** File in which the destination keeps the lines that it cannot use. */
  readonly rejects?: string | undefined;
}

export async function openTrail(
  { job, catalog, rejects }: TrailStart,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): Promise<Trail> {
  const events = await eventsOf(job, store);
  return new Trail({
    catalog,
    job,
    audit: store.audit,
    clock,
    eventOf: (stream, { tenant, key }) =>
      events.size === 0 ? undefined : events.get(placeOf(stream, tenant, key)),
    rejected: async (stream, noter) =>
      rejects === undefined ? new Set() : await rejectedIn(rejects, { stream, noter }),
  });
}

/** The newest event of each record, under every stream that the record may belong to. */
async function eventsOf({ events = [] }: Job, store: Store): Promise<ReadonlyMap<string, EventNote>> {
  const known = [...(await store.events.list(events))];
  known.sort((one, other) => one.happenedAt - other.happenedAt);
  return new Map(
    known.flatMap((event) =>
      streamsOfEvent(event).map((stream): [string, EventNote] => [
        placeOf(stream, event.tenant, event.record),
        { id: event.id, receivedAt: event.receivedAt },
      ]),
    ),
  );
}

/** Identifiers are the same in either case: Xero writes them one way in events and another in records. */
const placeOf = (stream: string, tenant: string, key: string): string =>
  `${stream}\0${tenant}\0${key}`.toLowerCase();
