// What runs at this moment: drawn with the page, then kept up to date by the script.
import type { LiveRun } from '../serve/live.ts';
import type { Job, Jobs } from '../store/index.ts';
import { figure, jobLink, linkTo, pipelineLink } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';
import { lasting } from './times.ts';
import type { PageOptions } from './visit.ts';

/** Rows that are shown. */
const most = 50;

export interface Run extends LiveRun {
  /** Another runner that shares the store does it: its figures are those of attempts that ended. */
  readonly elsewhere: boolean;
}

/** What is looked at: everything, a pipeline, or a job. */
export interface Scope {
  readonly pipeline?: string;
  readonly job?: number;
}

export interface LiveView {
  readonly runs: readonly Run[];
  readonly scope: Scope;
  /** Another one when the rest of the page may say something else now. */
  readonly mark: string;
}

/** Runs of this runner, then those of others. */
export async function liveView(
  { store: { jobs }, progress }: Pick<PageOptions, 'store' | 'progress'>,
  scope: Scope = {},
): Promise<LiveView> {
  const { pipeline, job } = scope;
  const isWanted = (run: { readonly pipeline: string; readonly job: number }): boolean =>
    (pipeline === undefined || run.pipeline === pipeline) && (job === undefined || run.job === job);
  const here = progress().filter(isWanted);
  const [running, newest] =
    job === undefined ? await newestOf(jobs, { pipeline, most: most + here.length }) : await alone(jobs, job);
  const others = running.filter(({ id }) => here.every((run) => run.job !== id));
  const runs = [...here.map((run): Run => ({ ...run, elsewhere: false })), ...others.map(elsewhere)];
  const mark = [...runs.map((run) => run.job), newest?.id, newest?.state, newest?.attempt].join(' ');
  return { runs, scope, mark };
}

type Known = readonly [running: readonly Job[], newest: Job | undefined];

async function newestOf(
  jobs: Jobs,
  { pipeline, most: limit }: { readonly pipeline: string | undefined; readonly most: number },
): Promise<Known> {
  const only = pipeline !== undefined && { pipeline };
  const [running, [newest]] = await Promise.all([
    jobs.list({ ...only, states: ['running'], limit }),
    jobs.list({ ...only, limit: 1 }),
  ]);
  return [running, newest];
}

async function alone(jobs: Jobs, id: number): Promise<Known> {
  const job = await jobs.get(id);
  return [job?.state === 'running' ? [job] : [], job];
}

const elsewhere = ({ id: job, pipeline, startedAt, createdAt, read, committed }: Job): Run => ({
  ...{ job, pipeline, read, committed },
  since: startedAt ?? createdAt,
  elsewhere: true,
});

/** The whole part, which the script asks for again at the address that it names. */
export const liveSection = (view: LiveView, now: number): Html => html`<section aria-labelledby="live-title">
<h2 id="live-title">At work</h2>
<p class="notice" role="status" data-notice></p>
<div data-live="${linkTo('/live', { ...view.scope })}">${liveRuns(view, now)}</div>
</section>`;

export const liveRuns = ({ runs, mark }: LiveView, now: number): Html =>
  html`<div data-mark="${mark}"${runs.length > 0 && html` data-busy`}>${table(
    [
      { name: 'Pipeline' },
      { name: 'Job' },
      { name: 'Stream' },
      { name: 'Read', figures: true },
      { name: 'Committed', figures: true },
      { name: 'Since', figures: true },
    ],
    runs
      .slice(0, most)
      .map(({ pipeline, job, stream, read, committed, since, elsewhere: other }) => [
        html`<a href="${pipelineLink(pipeline)}">${pipeline}</a>`,
        html`<a href="${jobLink(job)}">${job}</a>`,
        other ? html`<span class="quiet">in another runner</span>` : (stream ?? ''),
        figure(read),
        figure(committed),
        lasting(now - since),
      ]),
    { label: 'Runs at work', empty: 'Nothing runs at this moment.' },
  )}${runs.length > most && html`<p class="quiet">and ${figure(runs.length - most)} more</p>`}</div>`;
