// Being stopped from outside: the first signal drains, the second one ends the process at once.
import type { Log } from './log.ts';
import type { Runner } from './runner.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopPorts {
  readonly log: Log;
  /** Writes out the log. */
  readonly end: () => Promise<void>;
  /** To drain, at most. */
  readonly seconds: number;
}

/** Resolves with the exit code when the runner was told to stop and has: 0, or 1 when a job is left to its lease. */
export async function untilStopped(runner: Runner, { log, end, seconds }: StopPorts): Promise<number> {
  let first = (_: NodeJS.Signals): void => undefined;
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    first = resolve;
  });
  let count = 0;
  const heard = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count === 1) {
      first(signal);
      return;
    }
    log.warn({ signal }, 'stopped at once');
    // Connectors lose their pipes with this process; who runs next ends those that are left.
    void end().then(() => process.exit(1));
  };
  for (const signal of signals) process.on(signal, heard);
  const signal = await asked;
  log.info({ signal, jobs: runner.lanes.running, seconds }, 'stopping');
  const drained = await runner.drain(seconds * 1000);
  log[drained ? 'info' : 'error'](
    { jobs: runner.lanes.running },
    drained ? 'stopped' : 'stopped in the middle',
  );
  return drained ? 0 : 1;
}
