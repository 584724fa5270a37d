// Failures as a person sees them: one entry for all runs that failed over the same streams, with what mends it.
import type { Job, JobFailure } from '../store/index.ts';
import { badge } from './badges.ts';
import { counted, jobLink, pipelineLink } from './figures.ts';
import { type Html, html } from './html.ts';
import { replayButton } from './replay-button.ts';
import { moment } from './times.ts';
import type { Visit } from './visit.ts';

export interface Failure {
  readonly job: Job;
  /** Older ones that a replay of this one makes up for as well. */
  readonly earlier: number;
}

/** Newest first, as the jobs are. Jobs of single records each stand alone: each holds other records. */
export function failuresOf(jobs: readonly Job[]): readonly Failure[] {
  const groups = new Map<string, { job: Job; earlier: number }>();
  for (const job of jobs) {
    const key = job.records ? `job ${job.id}` : JSON.stringify([job.pipeline, job.streams ?? null]);
    const group = groups.get(key);
    if (group) group.earlier += 1;
    else groups.set(key, { job, earlier: 0 });
  }
  return [...groups.values()];
}

/** The message says what to mend; this says what happens then. */
const remedies: Readonly<Record<JobFailure['kind'], string>> = {
  config: 'Mend what it names (a setting, a permission, a login), then replay it.',
  transient:
    'It was tried until the limit. Such trouble usually passes: replay it when the other side works again.',
  system: 'The program did not expect it. The log of the runner says more; a replay does no harm.',
};

export const remedyOf = ({ kind }: JobFailure): string => remedies[kind];

/** What a job reads. */
export function subjectOf({ records, streams }: Job): string {
  if (records) return counted(records.length, 'record');
  if (!streams) return 'all streams';
  const shown = streams.slice(0, 4).join(', ');
  return streams.length > 4 ? `${shown} and ${streams.length - 4} more` : shown;
}

/** `replayable` is false where its pipeline is no longer in the settings. */
export function failureCard(
  { job, earlier }: Failure,
  visit: Visit,
  { replayable }: { readonly replayable: boolean },
): Html {
  const { id, pipeline, state, failure, endedAt = job.createdAt, attempt } = job;
  const heading = `failure-${id}`;
  return html`<article class="card" aria-labelledby="${heading}">
<div class="row"><h3 id="${heading}"><a href="${pipelineLink(pipeline)}">${pipeline}</a></h3> ${badge(state)}</div>
<p class="reason">${failure?.message ?? 'It ended without saying why: see the log of the runner'}</p>
<p class="remedy">${failure && remedyOf(failure)}</p>
<p class="quiet"><a href="${jobLink(id)}">Job ${id}</a> · ${subjectOf(job)} · ${counted(attempt, 'attempt')} · ${moment(
    endedAt,
    visit.now,
  )}${earlier > 0 && ` · and ${counted(earlier, 'earlier run')} with it`}</p>
${
  replayable
    ? replayButton({ job: id }, { visit, text: 'Replay', of: `job ${id} of ${pipeline}` })
    : html`<p class="quiet">The settings have no such pipeline any more, so that it cannot be replayed.</p>`
}
</article>`;
}
