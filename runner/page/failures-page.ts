// Everything that failed or was parked and that nothing has made up for.
import { type Failure, failureCard } from './failures.ts';
import { counted, linkTo } from './figures.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Paged, pager } from './pager.ts';
import { replayButton } from './replay-button.ts';
import type { Visit } from './visit.ts';

export const failuresOfPage = 25;

export interface FailuresData {
  readonly failures: Paged<Failure>;
  /** Jobs in all. */
  readonly jobs: number;
  readonly pipeline: string | undefined;
  /** Whether the settings have a pipeline. */
  readonly isKnown: (pipeline: string) => boolean;
}

export function failuresPage({ failures, jobs, pipeline, isKnown }: FailuresData, visit: Visit): Page {
  return {
    title: pipeline === undefined ? 'Failures' : `Failures of ${pipeline}`,
    section: 'failures',
    content: html`<p>What failed for good or was parked, and has not been made up for since. Mend the cause, then replay: records are merged in, and nothing is doubled.</p>
${pipeline !== undefined && html`<p><a href="/failures">Those of all pipelines</a></p>`}
<div id="failures" data-fresh>
${jobs > 1 && replayAll({ jobs, pipeline }, visit)}
${jobs === 0 && html`<p class="empty">Nothing waits for a replay.</p>`}
<h2 class="unseen">List</h2>
<div class="cards">${failures.rows.map((one) =>
      failureCard(one, visit, { replayable: isKnown(one.job.pipeline) }),
    )}</div>
${pager(failures, { of: 'failures', link: (page) => linkTo('/failures', { pipeline, page }) })}
</div>`,
  };
}

const replayAll = ({ jobs, pipeline }: Pick<FailuresData, 'jobs' | 'pipeline'>, visit: Visit): Html =>
  replayButton(
    { failed: 'yes', ...(pipeline !== undefined && { pipeline }) },
    { visit, text: `Replay all of them (${counted(jobs, 'job')})` },
  );
