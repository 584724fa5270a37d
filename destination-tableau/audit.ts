// What every change of a data source leaves behind: one LOG line, a JSON object that a runner can keep.
import type { Job } from './api/jobs.ts';

/** How sure it is that the change is in. `unconfirmed`: Tableau forgot the job before it said how it ended. */
export type Outcome = 'done' | 'unconfirmed' | 'failed';

export interface Audited {
  readonly event: 'data source published' | 'data source updated';
  readonly outcome: Outcome;
  readonly site: string;
  readonly site_id: string;
  readonly project: string;
  readonly data_source: string;
  readonly data_source_id: string;
  readonly request_id: string | null;
  readonly job: string | null;
  readonly type: string | null;
  readonly finish_code: number | null;
  readonly notes: string | null;
  /** What says that an unconfirmed change is in, or why not. */
  readonly evidence?: string;
  readonly actions: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly started: string;
  readonly ended: string;
  readonly batches: readonly { readonly stream: string; readonly table: string; readonly batch: string }[];
}

/** The part of an entry that a job tells. */
export const toldBy = (job: Job | undefined): Pick<Audited, 'job' | 'type' | 'finish_code' | 'notes'> => ({
  job: job?.id ?? null,
  type: job?.type ?? null,
  finish_code: job?.finishCode ?? null,
  notes: job?.notes || null,
});
