// Many seeded first reads of moving QuickBooks books, spread over processes: how many of them equal the books.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type MovingRun, readMoving } from './quickbooks-moving.ts';

export interface SweepRuns {
  readonly runs: readonly MovingRun[];
  readonly seconds: number;
}

export interface SweepOptions {
  readonly runs: number;
  /** Rows of each company. */
  readonly rows: number;
  readonly onRun?: (run: MovingRun) => void;
}

const self = fileURLToPath(import.meta.url);

/** Runs the seeds 0 to `runs` - 1, each process taking the next one when it is done with the last. */
export async function sweepMoving({ runs, rows, onRun }: SweepOptions): Promise<SweepRuns> {
  const began = performance.now();
  const found: MovingRun[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const child = fork(self, ['worker'], { execArgv: [...process.execArgv, '--max-old-space-size=2048'] });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`Cannot go on with the sweeps: a process ended with code ${String(code)}`);
    });
    ended.catch(() => undefined);
    while (next < runs) {
      child.send({ seed: next, rows });
      next += 1;
      const [run] = (await Promise.race([once(child, 'message'), ended])) as [MovingRun];
      found.push(run);
      onRun?.(run);
    }
    child.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(runs, availableParallelism()) }, work));
  return { runs: found, seconds: (performance.now() - began) / 1000 };
}

if (process.argv[2] === 'worker' && process.argv[1] === self)
  process.on('message', (task: { seed: number; rows: number }) => {
    readMoving(task).then(
      (run) => process.send?.(run),
      (error: unknown) => {
        process.stderr.write(`Seed ${task.seed}: ${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
