// What the runner keeps, as interfaces: jobs and who holds them, states, rotated secrets, events, the audit trail.
import type { RecordReference, StateBody } from '@airbyte/cdk-typescript-shim';

/** Why a job was made. A reconciling poll covers what webhooks may have missed. */
export type JobCause = 'manual' | 'schedule' | 'webhook' | 'replay' | 'reconcile';

/** Waiting until `dueAt`; running under a lease; done; failed for good; parked: waits for a person's replay. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'parked';

export interface NewJob {
  readonly pipeline: string;
  readonly cause: JobCause;
  /** Streams to read as a whole; absent: all of the pipeline. */
  readonly streams?: readonly string[];
  /** Exactly these records instead: no state moves. */
  readonly records?: readonly RecordReference[];
  /** Ids of the events behind it. */
  readonly events?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly replayOf?: number;
}

export interface JobFailure {
  readonly kind: 'config' | 'transient' | 'system';
  /** One line for a person, with the remedy; never a secret. */
  readonly message: string;
}

export interface Job extends NewJob {
  /** Counts up from 1; the `sync_id` of its rows. A job taken up again after a crash keeps it. */
  readonly id: number;
  readonly state: JobState;
  /** 1 at the first start. */
  readonly attempt: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly owner?: string;
  readonly leaseUntil?: number;
  readonly read: number;
  readonly committed: number;
  readonly failure?: JobFailure;
}

export interface JobOutcome {
  readonly state: Exclude<JobState, 'running'>;
  readonly read: number;
  readonly committed: number;
  readonly failure?: JobFailure;
  /** For `waiting`: when it is tried again. */
  readonly dueAt?: number;
  readonly endedAt: number;
}

export interface JobFilter {
  readonly pipeline?: string;
  readonly states?: readonly JobState[];
  readonly since?: number;
  /** Newest first; 100 unless given. */
  readonly limit?: number;
}

export interface Jobs {
  /**
   * Adds a job. A waiting one of the same pipeline, cause and streams takes it in instead (its records and events
   * joined, the earlier `dueAt` kept), so that a stopped runner finds one missed run, not a hundred. Whole streams and
   * single records, and replays of different jobs, stay apart; a job that waits to be tried again keeps its time,
   * except for `manual` and `replay`.
   */
  add(job: NewJob): Promise<Job>;
  /**
   * Takes the oldest job that is due, or one whose owner's lease ran out, of a pipeline that no other job is running:
   * atomic between runners that share the store. Undefined: nothing to do.
   */
  claim(
    owner: string,
    lease: { readonly now: number; readonly milliseconds: number; readonly pipelines?: readonly string[] },
  ): Promise<Job | undefined>;
  /** Prolongs the lease; false: it was lost, and the work must stop. */
  renew(id: number, owner: string, until: number): Promise<boolean>;
  /**
   * Ends or returns a job; false: the lease was lost, and nothing changed. `read` and `committed` are those of this
   * attempt: the job's own are the sums of all.
   */
  finish(id: number, owner: string, outcome: JobOutcome): Promise<boolean>;
  get(id: number): Promise<Job | undefined>;
  list(filter?: JobFilter): Promise<readonly Job[]>;
}

/** Newest state of each stream of a pipeline, as the destination gave it back. */
export interface States {
  of(pipeline: string): Promise<readonly StateBody[]>;
  keep(pipeline: string, state: StateBody, job: number): Promise<void>;
}

/** Values at rest, each sealed by the vault's key: rotated settings, consents. */
export interface Secrets {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

/** A webhook's event about one record. */
export interface NewEvent {
  /** The sender's id of the event, or one made of what it says: the same event has the same id. */
  readonly id: string;
  readonly source: 'xero' | 'quickbooks';
  readonly tenant: string;
  /** Name of the stream; absent: the runner knows no stream for it. */
  readonly stream?: string;
  readonly record: string;
  readonly type: string;
  /** When it happened, as the sender says, and when it came, milliseconds since the epoch. */
  readonly happenedAt: number;
  readonly receivedAt: number;
  /** The sender's number within the tenant, where it counts. */
  readonly sequence?: number;
}

export interface StoredEvent extends NewEvent {
  /** taken: durable, not yet in a job; queued: in a job; done: its record was delivered; parked; ignored. */
  readonly state: 'taken' | 'queued' | 'done' | 'parked' | 'ignored';
  readonly job?: number;
}

export interface Events {
  /** Durable when it resolves; gives those that were not known yet. */
  take(events: readonly NewEvent[]): Promise<readonly NewEvent[]>;
  /** Events of state `taken`, oldest first. */
  taken(limit: number): Promise<readonly StoredEvent[]>;
  mark(ids: readonly string[], state: StoredEvent['state'], job?: number): Promise<void>;
  get(id: string): Promise<StoredEvent | undefined>;
  /** Highest sequence number seen, by tenant of a source. */
  lastSequence(source: NewEvent['source'], tenant: string): Promise<number | undefined>;
}

/** One delivered (or refused) record. */
export interface AuditRow {
  readonly pipeline: string;
  readonly tenant: string;
  readonly stream: string;
  /** The record's key, its parts joined by `/`. */
  readonly key: string;
  /** The number people know it by: `INV-0042`. */
  readonly document?: string;
  /** SHA-256 of the record's bytes as the source sent them, 32 hexadecimal digits of it. */
  readonly hash: string;
  /** The record's own time of change, as the source wrote it. */
  readonly sourceTime?: string;
  readonly event?: string;
  readonly eventAt?: number;
  readonly job: number;
  readonly attempt: number;
  /** What the destination gave as proof: statement id, Tableau job, sequence number, transaction. */
  readonly receipt?: string;
  readonly outcome: 'delivered' | 'failed' | 'rejected';
  readonly readAt: number;
  readonly deliveredAt?: number;
}

export interface AuditFilter {
  /** Matches the key or the document number. */
  readonly record?: string;
  readonly job?: number;
  readonly pipeline?: string;
  readonly stream?: string;
  readonly outcome?: AuditRow['outcome'];
  /** Delivered (or failed) at or after, milliseconds since the epoch. */
  readonly since?: number;
  readonly limit?: number;
}

export interface Audit {
  /** A record of a job has one delivered row: the same job, stream, key and outcome again replaces it. */
  add(rows: readonly AuditRow[]): Promise<void>;
  find(filter: AuditFilter): AsyncIterable<AuditRow>;
  /**
   * Rows older than that are deleted, and with them jobs done or failed and events dealt with; what is parked stays.
   * Gives the number of rows.
   */
  prune(before: number): Promise<number>;
}

/** What sources tell of their limits, the newest word per pipeline, tenant and limit. */
export interface Quota {
  readonly pipeline: string;
  readonly tenant: string;
  readonly limit: string;
  readonly left: number;
  readonly at: number;
}

/** How fresh a stream is. */
export interface Freshness {
  readonly pipeline: string;
  readonly stream: string;
  readonly committedAt: number;
  readonly records: number;
}

/** Numbers for the page, `status` and the metrics. */
export interface Overview {
  readonly freshness: () => Promise<readonly Freshness[]>;
  readonly quotas: () => Promise<readonly Quota[]>;
  readonly keepQuota: (quota: Quota) => Promise<void>;
  /** Committed records by day (`YYYY-MM-DD`, UTC) and pipeline. */
  readonly recordsPerDay: (
    days: number,
    now: number,
  ) => Promise<readonly { readonly day: string; readonly pipeline: string; readonly records: number }[]>;
  readonly countJobs: () => Promise<Readonly<Record<JobState, number>>>;
}

/** Everything, in one database: SQLite in a file, or PostgreSQL shared by several runners. */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  readonly jobs: Jobs;
  readonly states: States;
  readonly secrets: Secrets;
  readonly events: Events;
  readonly audit: Audit;
  readonly overview: Overview;
  /** Resolves when the database answers; rejects with what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
