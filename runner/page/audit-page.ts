// The search of the audit trail: did it arrive, when, by which job, with what proof.
import type { AuditRow } from '../store/index.ts';
import { type AuditForm, type AuditQuery, outcomes } from './audit-query.ts';
import { auditTable } from './audit-table.ts';
import { figure, linkTo } from './figures.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { replayButton } from './replay-button.ts';
import type { Visit } from './visit.ts';

export const rowsOfPage = 50;

/** Pages are counted from the newest row: further back it is the CSV that has them. */
export const mostPages = 40;

export interface AuditData {
  readonly query: AuditQuery;
  /** Of the page; one more than it shows when another page follows. */
  readonly rows: readonly AuditRow[];
  readonly page: number;
}

export function auditPage({ query, rows, page }: AuditData, visit: Visit): Page {
  const { form, problems } = query;
  const wrong = Object.keys(problems).length > 0;
  return {
    title: 'Audit trail',
    section: 'audit',
    content: html`${searchForm(query)}
${
  !wrong &&
  html`<section aria-labelledby="found-title"><h2 id="found-title">${form.record === undefined ? 'Records, newest first' : `What became of ${form.record}`}</h2>
${form.record !== undefined && rows.length > 0 && html`<div class="row">${replayButton({ record: form.record, ...(form.pipeline !== undefined && { pipeline: form.pipeline }) }, { visit, text: `Replay ${form.record}` })}</div>`}
${auditTable(rows.slice(0, rowsOfPage), { now: visit.now, label: 'Records', empty: emptyText(form), jobs: true })}
${rows.length > 0 && html`<p><a href="${linkTo('/audit.csv', { ...form })}">All that was found, as CSV</a></p>`}
${pages({ query, rows, page })}
</section>`
}`,
  };
}

const emptyText = ({ since }: AuditForm): Html =>
  html`Nothing found: no such record has passed${since !== undefined && ` since ${since}`}.`;

function searchForm({ form, problems }: AuditQuery): Html {
  const input = (name: keyof AuditForm, label: string, hint?: string): Html => {
    const problem = problems[name];
    return html`<p><label for="${name}">${label}</label> <input id="${name}" name="${name}" value="${form[name]}"${
      hint !== undefined && html` placeholder="${hint}"`
    }${problem !== undefined && html` aria-invalid="true" aria-describedby="${name}-problem"`}>${
      problem !== undefined && html`<span class="problem" id="${name}-problem">${problem}</span>`
    }</p>
`;
  };
  return html`<form class="filter" method="get" action="/audit" role="search" aria-label="Audit trail">
${input('record', 'Document number or key', 'INV-0042')}${input('job', 'Job', '12')}${input('pipeline', 'Pipeline')}${input('stream', 'Stream')}
<p><label for="outcome">Outcome</label> <select id="outcome" name="outcome"><option value="">any</option>${outcomes.map(
    (name) => html`<option${name === form.outcome && html` selected`}>${name}</option>`,
  )}</select></p>
${input('since', 'Since', '7d, 12h or 2026-11-20')}
<p><button>Search</button></p>
</form>`;
}

function pages({ query: { form }, rows, page }: AuditData): Html | undefined {
  const more = rows.length > rowsOfPage;
  if (page === 1 && !more) return undefined;
  const link = (number: number): string => linkTo('/audit', { ...form, page: number });
  return html`<nav class="pager" aria-label="Pages of records">
${page > 1 && html`<a rel="prev" href="${link(page - 1)}">← Newer</a>`}
<span>Page ${figure(page)}</span>
${more && (page < mostPages ? html`<a rel="next" href="${link(page + 1)}">Older →</a>` : html`<span class="quiet">older ones are in the CSV</span>`)}
</nav>`;
}
