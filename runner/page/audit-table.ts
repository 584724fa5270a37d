// Rows of the audit trail.
import type { AuditRow } from '../store/index.ts';
import { badge } from './badges.ts';
import { jobLink, linkTo, pipelineLink } from './figures.ts';
import { type Html, html, type Piece } from './html.ts';
import { table } from './table.ts';
import { moment } from './times.ts';

export interface AuditTable {
  readonly now: number;
  readonly label: string;
  readonly empty: Piece;
  /** False on the page of a job. */
  readonly jobs: boolean;
}

export function auditTable(rows: readonly AuditRow[], { now, label, empty, jobs }: AuditTable): Html {
  return table(
    [
      { name: 'Record' },
      { name: 'Outcome' },
      { name: 'When' },
      ...(jobs ? [{ name: 'Job' }] : []),
      { name: 'Attempt', figures: true },
      { name: 'Changed at source' },
      { name: 'Proof' },
    ],
    rows.map((row) => [
      html`<a href="${linkTo('/audit', { record: row.document ?? row.key })}">${row.document ?? row.key}</a><small>${row.stream} <code>${row.key}</code></small>`,
      badge(row.outcome),
      moment(row.deliveredAt ?? row.readAt, now),
      ...(jobs
        ? [
            html`<a href="${jobLink(row.job)}">Job ${row.job}</a><small><a href="${pipelineLink(row.pipeline)}">${row.pipeline}</a> · ${row.tenant}</small>`,
          ]
        : []),
      row.attempt,
      sourceTime(row.sourceTime),
      html`${row.receipt ?? html`<span class="quiet">none</span>`}<small>hash <code>${row.hash.slice(0, 12)}…</code>${row.event !== undefined && html` · event <code>${row.event}</code>`}</small>`,
    ]),
    { label, empty },
  );
}

/** As the source wrote it; what is an instant in UTC, as the page writes those. */
const sourceTime = (text: string | undefined): Piece =>
  text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)
    ? html`<time datetime="${text}"><small>${text.slice(0, 19).replace('T', ' ')} UTC</small></time>`
    : text;
