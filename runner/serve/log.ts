// The runner's log: one JSON object per line on standard output, never with a secret in it.
import { configError } from '@airbyte/cdk-typescript-shim';
import { type Logger, pino } from 'pino';

/** What the parts of the runner write to: an object of facts, then a few words. */
export type Log = Logger;

export interface OpenLog {
  readonly log: Log;
  /** Resolves when every line is written, or nobody takes them: before the process ends. */
  end(): Promise<void>;
}

export const levels = ['debug', 'info', 'warn', 'error'] as const;

const longestEnd = 1_000;

/** A reader that does not keep up may cost lines, but neither memory without end nor a standstill. */
const mostBytesWaiting = 16 * 1024 * 1024;

/** Opens the log on a file descriptor: 1 is standard output. */
export function openLog({ level, runner }: { readonly level: string; readonly runner: string }): OpenLog {
  if (!(levels as readonly string[]).includes(level))
    throw configError(`Unknown log level "${level}": choose ${levels.join(', ')}`);
  const destination = pino.destination({ fd: 1, sync: false, maxLength: mostBytesWaiting });
  // A pipe whose reader is gone: there is nobody left to tell.
  destination.on('error', () => undefined);
  const log = pino(
    {
      level,
      base: { runner },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    log,
    end: () =>
      new Promise((resolve) => {
        setTimeout(resolve, longestEnd).unref();
        destination.once('close', resolve).end();
      }),
  };
}
