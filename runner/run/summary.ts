// The table at the end of a sync: one row per stream that moved, and what went wrong.
import Table from 'cli-table3';
import type { Tally } from './tally.ts';

const plain = { head: [], border: [], compact: true };

export function summary(name: string, tally: Tally): string {
  const table = new Table({
    head: ['stream', 'records read', 'committed', 'status'],
    colAligns: ['left', 'right', 'right', 'left'],
    style: plain,
  });
  const moved = [...tally.streams].filter(([, { read, status }]) => read > 0 || status !== 'COMPLETE');
  for (const [stream, { read, committed, status }] of moved)
    table.push([stream, String(read), String(committed), status.toLowerCase()]);
  const quiet = tally.streams.size - moved.length;
  const problems = [...new Set(tally.problems)].map((problem) => `  ${problem}`);
  return [
    ...(moved.length > 0 ? [table.toString()] : []),
    ...(quiet > 0 ? [`${quiet} streams without changes`] : []),
    `${name}: ${tally.ok ? 'complete' : 'NOT complete'} in ${tally.seconds.toFixed(1)} s`,
    ...problems,
  ].join('\n');
}
