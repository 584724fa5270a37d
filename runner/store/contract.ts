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
  /** Only those with a lower number: for the next page. */
  readonly before?: number;
  /** Newest first; 100 unless given. */
  readonly limit?: number;
}

/** What waits of a pipeline: how many jobs, and when the first of them is due. */
export interface Waiting {
  readonly pipeline: string;
  readonly jobs: number;
  readonly dueAt: number;
}

export interface Lease {
  readonly now: number;
  readonly milliseconds: number;
  /** Only jobs of these; absent: of any. */
  readonly pipelines?: readonly string[];
  /**
   * The consent that these pipelines share: nothing is claimed while a job that was claimed with it runs. Jobs of a
   * runner that died with it wait again.
   */
  readonly connection?: string;
  /** Only jobs of single records. */
  readonly single?: boolean;
}

export interface DueJob {
  readonly pipeline: string;
  /** Reads single records, which takes seconds. */
  readonly single: boolean;
  readonly dueAt: number;
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
  claim(owner: string, lease: Lease): Promise<Job | undefined>;
  /** Jobs that could be claimed if nothing ran, in the order in which they would be. */
  due(now: number): Promise<readonly DueJob[]>;
  /** Prolongs the lease; false: it was lost, and the work must stop. */
  renew(id: number, owner: string, until: number): Promise<boolean>;
  /**
   * Ends or returns a job; false: the lease was lost, and nothing changed. `read` and `committed` are those of this
   * attempt: the job's own are the sums of all.
   */
  finish(id: number, owner: string, outcome: JobOutcome): Promise<boolean>;
  get(id: number): Promise<Job | undefined>;
  list(filter?: JobFilter): Promise<readonly Job[]>;
  /** The newest job of each of the pipelines that has any: a look into the index for each. */
  newest(pipelines: readonly string[]): Promise<readonly Job[]>;
}

export interface Firing {
  /** Names the schedule. */
  readonly name: string;
  readonly at: number;
  readonly job: NewJob;
}

/** When schedules fired last, so that a firing makes one job however many runners see it, and a missed one is known. */
export interface Firings {
  /** Milliseconds since the epoch, by name of the schedule. */
  all(): Promise<ReadonlyMap<string, number>>;
  /** Schedules that are new: as if they had fired at `at`. Others stay as they are. */
  begin(names: readonly string[], at: number): Promise<void>;
  /**
   * Adds the jobs in one step with the notes of their firings, and gives them; those whose firing, or a later one,
   * has been seen to are left out.
   */
  fire(firings: readonly Firing[]): Promise<readonly Job[]>;
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
  /** Rejects when there is no key, or not the right one; a vault that was never used gets its first one. */
  prove(): Promise<void>;
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
  /** The sender's number, where it counts: over all tenants. */
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
  /** Events of state `taken`, oldest first; `after`: those behind this one, for the next page. */
  taken(limit: number, after?: StoredEvent): Promise<readonly StoredEvent[]>;
  /**
   * Events that jobs of several pipelines answer are queued until all have ended, then done, or parked when one is. A
   * later job of a pipeline (a replay) takes the place of its earlier one, whose word then counts no more.
   */
  mark(ids: readonly string[], state: StoredEvent['state'], job?: number): Promise<void>;
  get(id: string): Promise<StoredEvent | undefined>;
  /** Those of these ids that are known, in no order. */
  list(ids: readonly string[]): Promise<readonly StoredEvent[]>;
  /**
   * Sequence numbers from `from` to `to` (both included) behind a gap: the number before has not come. The lowest of
   * all that have come has none before it.
   */
  gaps(
    source: NewEvent['source'],
    range: { readonly from: number; readonly to: number },
  ): Promise<readonly number[]>;
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
  /** Of all pipelines, or of these. */
  readonly freshness: (pipelines?: readonly string[]) => Promise<readonly Freshness[]>;
  readonly quotas: () => Promise<readonly Quota[]>;
  readonly keepQuota: (quota: Quota) => Promise<void>;
  /** Committed records by day (`YYYY-MM-DD`, UTC) and pipeline. */
  readonly recordsPerDay: (
    days: number,
    now: number,
  ) => Promise<readonly { readonly day: string; readonly pipeline: string; readonly records: number }[]>;
  /** Committed records by day, oldest first, of all pipelines together or of one; days without any are left out. */
  readonly totalsPerDay: (
    days: number,
    now: number,
    pipeline?: string,
  ) => Promise<readonly { readonly day: string; readonly records: number }[]>;
  readonly waiting: () => Promise<readonly Waiting[]>;
  readonly countJobs: () => Promise<Readonly<Record<JobState, number>>>;
}

/** Everything, in one database: SQLite in a file, or PostgreSQL shared by several runners. */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  readonly jobs: Jobs;
  readonly states: States;
  readonly secrets: Secrets;
  readonly events: Events;
  readonly firings: Firings;
  readonly audit: Audit;
  readonly overview: Overview;
  /** Resolves when the database answers; rejects with what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
