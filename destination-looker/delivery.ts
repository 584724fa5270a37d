// What every way in does for `write`: deliver segments, then say what is there.
import { type Context, type LogLevel, logMessage } from '@airbyte/cdk-typescript-shim';
import type { Segment, TablePlan } from '@ledgerpipe/staging';

/** A table of a declared stream, as it is named where Looker reads it. */
export interface LoadedTable {
  readonly plan: TablePlan;
  readonly table: string;
  readonly schema: string;
  /** Living rows in the table where they were read back, else the rows that this run delivered. */
  readonly rows: number;
}

export interface Delivery {
  /** The run's own name, where the caller gave its job none. */
  readonly job: string;
  /** Resolves when every row of the segment is durable; the same segment again leaves the tables as once does. */
  deliver(segment: Segment): Promise<void>;
  /** After the last segment, with the plans of all declared streams: looks at keys, and reads back what is there. */
  finish(plans: readonly TablePlan[]): Promise<readonly LoadedTable[]>;
  close(): Promise<void>;
}

export type Log = (level: LogLevel, message: string) => Promise<void>;

export const logOf =
  ({ say }: Pick<Context<unknown>, 'say'>): Log =>
  (level, message) =>
    say(logMessage(level, message));

/** The job a declaration's rows belong to. */
export const jobOf = (job: string, { job: given }: { readonly job?: number }): string =>
  given === undefined ? job : String(given);
