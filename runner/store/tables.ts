// The store's tables, as the queries see them: one schema for both databases, instants in milliseconds, lists as JSON.
import type { Generated, Insertable, Selectable } from 'kysely';

export interface JobTable {
  id: Generated<number>;
  pipeline: string;
  cause: string;
  /** JSON: names of streams. */
  streams: string | null;
  /** JSON: references of records. */
  records: string | null;
  /** JSON: ids of events. */
  events: string | null;
  replay_of: number | null;
  /** What jobs must have in common to be one while they wait. */
  merge_key: string;
  state: string;
  due_at: number;
  attempt: number;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  /** Who holds it, or held it last. */
  owner: string | null;
  lease_until: number | null;
  read_count: number;
  committed_count: number;
  /** The consent that the running job keeps others from. */
  connection: string | null;
  /** JSON: kind and message. */
  failure: string | null;
}

export interface StateTable {
  pipeline: string;
  stream: string;
  /** JSON: the state as the destination gave it back. */
  body: string;
  job: number;
  /** Records that the job committed to the stream. */
  records: number;
  committed_at: number;
}

export interface SecretTable {
  name: string;
  /** Compact JWE. */
  sealed: string;
  kept_at: number;
}

/** One row: which key seals the secrets. */
export interface VaultTable {
  id: number;
  key_id: string;
}

export interface EventTable {
  id: string;
  source: string;
  tenant: string;
  stream: string | null;
  record: string;
  type: string;
  happened_at: number;
  received_at: number;
  sequence: number | null;
  state: string;
  job: number | null;
}

export interface EventJobTable {
  id: Generated<number>;
  event: string;
  pipeline: string;
  /** The newest job of the pipeline that answers the event. */
  job: number;
  /** queued, done or parked. */
  state: string;
}

export interface AuditTable {
  id: Generated<number>;
  pipeline: string;
  tenant: string;
  stream: string;
  key: string;
  document: string | null;
  hash: string;
  source_time: string | null;
  event: string | null;
  event_at: number | null;
  job: number;
  attempt: number;
  receipt: string | null;
  outcome: string;
  read_at: number;
  delivered_at: number | null;
  /** `delivered_at`, or `read_at` of what was not delivered: what searches by time and the retention go by. */
  at: number;
}

export interface QuotaTable {
  pipeline: string;
  tenant: string;
  limit_name: string;
  remaining: number;
  at: number;
}

export interface DayTable {
  day: string;
  pipeline: string;
  records: number;
}

export interface FiringTable {
  /** Names a schedule. */
  name: string;
  /** Its newest firing that was seen to. */
  at: number;
}

export interface Tables {
  ledgerpipe_job: JobTable;
  ledgerpipe_state: StateTable;
  ledgerpipe_secret: SecretTable;
  ledgerpipe_vault: VaultTable;
  ledgerpipe_event: EventTable;
  ledgerpipe_event_job: EventJobTable;
  ledgerpipe_audit: AuditTable;
  ledgerpipe_quota: QuotaTable;
  ledgerpipe_day: DayTable;
  ledgerpipe_firing: FiringTable;
  ledgerpipe_version: { version: number };
}

export type JobRow = Selectable<JobTable>;
export type NewJobRow = Insertable<JobTable>;
export type EventRow = Selectable<EventTable>;
export type AuditRecord = Selectable<AuditTable>;
