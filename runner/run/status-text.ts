// The status for a person: a line for each pipeline, then what is wrong and what mends it.
import Table from 'cli-table3';
import type { PipelineStatus, Status } from './status.ts';

const plain = { head: [], border: [], compact: true };

export function statusText({ at, pipelines }: Status): string {
  const table = new Table({
    head: ['pipeline', 'health', 'last job', 'records', 'waiting', 'unresolved', 'committed'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'left'],
    style: plain,
  });
  const now = Date.parse(at);
  for (const { name, health, last_job: job, waiting, unresolved, committed_at: committed } of pipelines)
    table.push([
      name,
      health,
      job ? String(job.id) : '',
      job ? String(job.committed) : '',
      String(waiting),
      String(unresolved.length),
      committed === null ? 'never' : `${ago(now - Date.parse(committed))} ago`,
    ]);
  return [table.toString(), ...pipelines.flatMap(troubles)].join('\n');
}

function troubles({ name, problems, last_job: job, unresolved }: PipelineStatus): readonly string[] {
  return [
    ...problems.map((problem) => `${name}: ${problem}`),
    ...(job?.failure ? [`${name}: job ${job.id} ${job.state}: ${job.failure.message}`] : []),
    ...(job?.state === 'waiting' && job.attempt > 0 ? [`${name}: tried again at ${job.due_at}`] : []),
    ...(unresolved.length > 0 ? [`${name}: when that is mended, run "ledgerpipe replay --failed"`] : []),
  ];
}

/** `12 s`, `5 min`, `3 h`, `2 d`. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
