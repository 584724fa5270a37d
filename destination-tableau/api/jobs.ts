// Jobs: asked after, with growing pauses, until Tableau says how they ended or no longer knows them.
import { ConnectorError, transientError } from '@airbyte/cdk-typescript-shim';
import { type Clock, pause } from '@airbyte/cdk-typescript-shim/kit';
import { at, type Fields, fields, listOf, numberOf, textOf } from './answers.ts';
import { codeOf } from './errors.ts';
import type { Site } from './sessions.ts';

export interface Job {
  readonly id: string;
  /** Lower case: Tableau spells types now one way, now another. */
  readonly type: string;
  readonly createdAt: string;
  readonly completedAt: string;
  /** 0 done, 1 failed, 2 cancelled, 3 a refresh that a Bridge client has done. */
  readonly finishCode: number | undefined;
  /** What Tableau tells about it; often nothing. */
  readonly notes: string;
  /** Numbers in notes such as `errorCode=410012`. */
  readonly errorCode: string;
}

/**
 * How a job ended. `purged`: Tableau no longer knew it, which it does soon after a job's end, however that was.
 * `unclear`: it ended with a code that says nothing about a job of its type.
 */
export interface Ended {
  readonly kind: 'done' | 'failed' | 'purged' | 'unclear';
  readonly job: Job;
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly milliseconds: number;
}

/** The official Python client's cadence: 0.5 s, each pause 1.4 times the last, 30 s at the most. */
const firstPause = 500;
const growth = 1.4;
const longestPause = 30_000;

/** Reads the job out of an answer `{"job":{...}}`; undefined when there is none. */
export function jobOf(answer: unknown): Job | undefined {
  const job = fields(at(answer, 'job'));
  return textOf(job.id) ? readJob(job) : undefined;
}

function readJob(job: Fields): Job {
  const notes = [
    ...['updateUploadedFileJob', 'extractRefreshJob'].map((kind) => textOf(at(job, kind, 'notes'))),
    ...listOf(job, 'statusNotes', 'statusNote').map(({ value, text }) =>
      [textOf(value), textOf(text)].filter((part) => part !== '').join(' '),
    ),
  ];
  const told = notes.filter((note) => note !== '').join('; ');
  const coded = listOf(job, 'statusNotes', 'statusNote').find(({ type }) => textOf(type) === 'errorCode');
  return {
    id: textOf(job.id),
    type: textOf(job.type).toLowerCase(),
    createdAt: textOf(job.createdAt),
    completedAt: textOf(job.completedAt),
    finishCode: numberOf(job.finishCode),
    notes: told,
    errorCode: textOf(coded?.value) || (/errorCode=(\d+)/.exec(told)?.[1] ?? ''),
  };
}

/** Waits for the end of a job. Throws a transient error when it takes longer than `milliseconds`. */
export async function follow(site: Site, started: Job, options: FollowOptions): Promise<Ended> {
  const { clock, signal, milliseconds } = options;
  const until = clock.now() + milliseconds;
  let wait = firstPause;
  for (let job: Job | undefined = started; ; job = await findJob(site, started.id, signal)) {
    if (job === undefined) return { kind: 'purged', job: started };
    const ended = outcomeOf(job);
    if (ended) return ended;
    if (clock.now() >= until)
      throw transientError(
        `Cannot wait longer for job "${started.id}" on site "${site.name}": it has not ended within ${Math.round(milliseconds / 60_000)} minutes, look at the site's background tasks and run again`,
      );
    await pause(clock, wait, { signals: [signal] });
    wait = Math.min(longestPause, wait * growth);
  }
}

/** A job has ended when it says when: a fresh one has been seen with finishCode 1 and progress 0. */
function outcomeOf(job: Job): Ended | undefined {
  if (job.completedAt === '') return undefined;
  if (job.errorCode !== '') return { kind: 'failed', job };
  if (job.finishCode === 0) return { kind: 'done', job };
  // 3 says that Bridge has done a refresh; publishes and updates are never Bridge's.
  return { kind: job.finishCode === 3 ? 'unclear' : 'failed', job };
}

/** The job, or undefined when Tableau no longer knows it (404 of some kind, or 400031). */
export async function findJob(site: Site, id: string, signal?: AbortSignal): Promise<Job | undefined> {
  try {
    const response = await site.send({
      method: 'GET',
      url: `${site.url}/jobs/${encodeURIComponent(id)}`,
      headers: { accept: 'application/json' },
      accept: [404],
      purpose: `ask for job "${id}"`,
      ...(signal ? { signal } : {}),
    });
    return response.status === 404 ? undefined : jobOf(response.json());
  } catch (error) {
    if (error instanceof ConnectorError && codeOf(error) === '400031') return undefined;
    throw error;
  }
}
