// What somebody searches the audit trail for, from the fields of the form to the filter of the store.
import { sinceOf } from '../run/audit/since.ts';
import type { AuditFilter, AuditRow } from '../store/index.ts';
import { field, numberOf, oneOf } from './fields.ts';

export const outcomes = ['delivered', 'failed', 'rejected'] as const satisfies readonly AuditRow['outcome'][];

/** A search by neither record nor job reads the trail backwards: not all of its years unless it is said. */
export const defaultSince = '7d';

/** The fields as they were given, to be shown again. */
export interface AuditForm {
  readonly record: string | undefined;
  readonly job: string | undefined;
  readonly pipeline: string | undefined;
  readonly stream: string | undefined;
  readonly outcome: AuditRow['outcome'] | undefined;
  readonly since: string | undefined;
}

export interface AuditQuery {
  readonly form: AuditForm;
  readonly filter: AuditFilter;
  /** What cannot be understood, by field. */
  readonly problems: Readonly<Partial<Record<keyof AuditForm, string>>>;
}

export function auditQuery(query: unknown, now: number): AuditQuery {
  const given = (name: keyof AuditForm) => field(query, name);
  const outcome = oneOf(outcomes, given('outcome'));
  const [record, job, pipeline, stream] = (['record', 'job', 'pipeline', 'stream'] as const).map(given);
  const byPlace = record !== undefined || job !== undefined;
  const since = given('since') ?? (byPlace ? undefined : defaultSince);
  const number = numberOf(job);
  const time = since === undefined ? undefined : sinceOf(since, now);
  return {
    form: { record, job, pipeline, stream, outcome, since },
    filter: {
      ...(record !== undefined && { record }),
      ...(number !== undefined && { job: number }),
      ...(pipeline !== undefined && { pipeline }),
      ...(stream !== undefined && { stream }),
      ...(outcome !== undefined && { outcome }),
      ...(time !== undefined && { since: time }),
    },
    problems: {
      ...(job !== undefined && number === undefined && { job: 'Give the number of a job, such as 12' }),
      ...(since !== undefined &&
        time === undefined && { since: 'Give a date, a time or how long ago: 2026-11-20, 90m, 12h, 7d' }),
    },
  };
}
