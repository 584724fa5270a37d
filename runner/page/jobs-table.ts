// Jobs as rows, newest first.
import type { Job } from '../store/index.ts';
import { badge } from './badges.ts';
import { subjectOf } from './failures.ts';
import { figure, jobLink, pipelineLink } from './figures.ts';
import { type Html, html, type Piece } from './html.ts';
import { table } from './table.ts';
import { lasting, moment } from './times.ts';

export interface JobsTable {
  readonly now: number;
  readonly label: string;
  readonly empty: Piece;
  /** False on the page of a pipeline. */
  readonly pipelines: boolean;
}

export function jobsTable(jobs: readonly Job[], { now, label, empty, pipelines }: JobsTable): Html {
  const columns = [
    { name: 'Job' },
    ...(pipelines ? [{ name: 'Pipeline' }] : []),
    ...[{ name: 'State' }, { name: 'Cause' }, { name: 'Reads' }],
    ...[{ name: 'Committed', figures: true }, { name: 'Took', figures: true }, { name: 'When' }],
  ];
  const rows = jobs.map((job): readonly Piece[] => [
    html`<a href="${jobLink(job.id)}">${job.id}</a>`,
    ...(pipelines ? [html`<a href="${pipelineLink(job.pipeline)}">${job.pipeline}</a>`] : []),
    html`${badge(job.state)}${job.failure && html`<small class="reason">${job.failure.message}</small>`}`,
    job.cause,
    subjectOf(job),
    figure(job.committed),
    job.startedAt === undefined ? '' : lasting((job.endedAt ?? now) - job.startedAt),
    whenOf(job, now),
  ]);
  return table(columns, rows, { label, empty });
}

/** A waiting one has its time before it. */
function whenOf({ state, dueAt, endedAt, startedAt, createdAt }: Job, now: number): Html {
  if (state !== 'waiting') return moment(endedAt ?? startedAt ?? createdAt, now);
  return dueAt > now ? html`due ${moment(dueAt, now)}` : html`due since ${moment(dueAt, now)}`;
}
