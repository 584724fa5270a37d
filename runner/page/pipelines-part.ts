// The table of pipelines on the first page, with its filter.
import type { Freshness } from '../store/index.ts';
import { badge } from './badges.ts';
import { connectorName, figure, jobLink, linkTo, pipelineLink } from './figures.ts';
import { type Html, html, type Piece } from './html.ts';
import { nextRuns, type TimesOf } from './next-run.ts';
import { pageOf, pager } from './pager.ts';
import { type Condition, conditions, type Standing } from './standing.ts';
import { table } from './table.ts';
import { ago, moment } from './times.ts';
import type { Visit } from './visit.ts';

const pipelinesOfPage = 50;

/** What somebody wants to see of the pipelines. */
export interface Choice {
  /** Part of a name, a tenant or a connector. */
  readonly text: string | undefined;
  readonly condition: Condition | undefined;
  readonly page: number;
}

export const chosen = (standings: readonly Standing[], { text, condition }: Choice): readonly Standing[] =>
  standings.filter(
    (standing) => (condition === undefined || standing.condition === condition) && matches(standing, text),
  );

/** The pipelines of the page that is shown. */
export const shownOf = (standings: readonly Standing[], choice: Choice): readonly Standing[] =>
  pageOf(chosen(standings, choice), choice.page, pipelinesOfPage).rows;

function matches({ pipeline: { name, tenant = '', source, destination } }: Standing, text = ''): boolean {
  const wanted = text.toLowerCase();
  return [name, tenant, source.connector, destination.connector].some((part) =>
    part.toLowerCase().includes(wanted),
  );
}

export interface PipelinesData {
  readonly standings: readonly Standing[];
  readonly choice: Choice;
  readonly freshness: readonly Freshness[];
  readonly timesOf: TimesOf;
}

export function pipelinesPart(data: PipelinesData, { now }: Visit): Html {
  const { standings, choice } = data;
  const found = chosen(standings, choice);
  const paged = pageOf(found, choice.page, pipelinesOfPage);
  const parameters = { q: choice.text, health: choice.condition };
  return html`<section aria-labelledby="pipelines-title">
<h2 id="pipelines-title">Pipelines</h2>
${standings.length > 5 && filterForm(choice)}
<div id="pipelines" data-fresh>
${found.length < standings.length && html`<p class="quiet">${figure(found.length)} of ${figure(standings.length)} pipelines. <a href="/">Show all</a></p>`}
${table(
  [
    { name: 'Pipeline' },
    { name: 'Health' },
    { name: 'Last job' },
    { name: 'Waiting', figures: true },
    { name: 'Fresh as of' },
    { name: 'Next run' },
  ],
  paged.rows.map((standing) => rowOf(standing, { ...data, now })),
  { label: 'Pipelines', empty: standings.length === 0 ? 'There are none yet.' : 'None is like that.' },
)}
${pager(paged, { of: 'pipelines', link: (page) => `${linkTo('/', { ...parameters, page })}#pipelines` })}
</div></section>`;
}

const filterForm = ({
  text,
  condition,
}: Choice): Html => html`<form class="filter" method="get" action="/#pipelines" role="search" aria-label="Pipelines">
<p><label for="q">Name, tenant or connector</label> <input id="q" name="q" type="search" value="${text}"></p>
<p><label for="health">Health</label> <select id="health" name="health"><option value="">any</option>${conditions.map(
  (name) => html`<option${name === condition && html` selected`}>${name}</option>`,
)}</select></p>
<p><button>Show</button></p>
</form>`;

function rowOf(
  { pipeline, condition, last, waiting, unresolved }: Standing,
  { freshness, timesOf, now }: PipelinesData & { readonly now: number },
): readonly Piece[] {
  const { name, source, destination } = pipeline;
  return [
    html`<a href="${pipelineLink(name)}">${name}</a><small>${connectorName(source.connector)} → ${connectorName(destination.connector)}</small>`,
    html`${badge(condition)}${unresolved.length > 0 && html`<small><a href="/failures?pipeline=${encodeURIComponent(name)}">${figure(unresolved.length)} to be replayed</a></small>`}`,
    last
      ? html`<a href="${jobLink(last.id)}">Job ${last.id}</a><small>${figure(last.committed)} committed</small>${moment(
          last.endedAt ?? last.startedAt ?? last.createdAt,
          now,
        )}`
      : html`<span class="quiet">none yet</span>`,
    waiting ? figure(waiting.jobs) : '0',
    freshCell(
      freshness.filter((entry) => entry.pipeline === name),
      now,
    ),
    nextCell(pipeline.schedules.length === 0, nextRuns(pipeline, { now, timesOf })[0]?.at, now),
  ];
}

/** The newest stream, and the one that is furthest behind. */
function freshCell(streams: readonly Freshness[], now: number): Html {
  const [oldest, ...others] = streams.toSorted((one, other) => one.committedAt - other.committedAt);
  if (!oldest) return html`<span class="quiet">never</span>`;
  const newest = others.at(-1) ?? oldest;
  return html`${moment(newest.committedAt, now)}${newest !== oldest && html`<small>oldest of ${figure(streams.length)} streams: ${oldest.stream}, ${ago(oldest.committedAt, now)}</small>`}`;
}

function nextCell(unscheduled: boolean, at: number | undefined, now: number): Html {
  if (unscheduled) return html`<span class="quiet">by hand and by webhooks</span>`;
  return at === undefined ? html`<span class="quiet">never</span>` : moment(at, now);
}
