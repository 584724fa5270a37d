// Signals: stop fetching, let the command say how far it came, then die of the signal as callers expect.
import { constants } from 'node:os';

/** The reason with which a run is aborted. */
export class Stopped extends Error {
  readonly signalName: NodeJS.Signals | 'SIGPIPE';

  constructor(signalName: NodeJS.Signals) {
    super(`Stopped by ${signalName}`);
    this.name = 'Stopped';
    this.signalName = signalName;
  }
}

export interface Stop {
  readonly signal: AbortSignal;
  /** Asks the run to stop, as if `signalName` had come. */
  request(signalName: NodeJS.Signals): void;
  /** Calls `act` when the run has been asked to stop and is still going `milliseconds` later. */
  overdue(milliseconds: number, act: () => void): void;
}

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Turns the first stop signal into an abort; a second one kills at once. */
export function stopOnSignals(): Stop {
  const controller = new AbortController();
  for (const name of stopSignals)
    process.once(name, () => {
      controller.abort(new Stopped(name));
    });
  return {
    signal: controller.signal,
    request: (name) => controller.abort(new Stopped(name)),
    overdue(milliseconds, act) {
      controller.signal.addEventListener('abort', () => setTimeout(act, milliseconds).unref(), {
        once: true,
      });
    },
  };
}

/**
 * Ends the process of `name`: the default handler is back, so callers see a death by that signal; process 1 of a
 * container ignores it and exits with 128 + its number (143 for SIGTERM).
 */
export function dieOf(name: NodeJS.Signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  setTimeout(() => process.exit(128 + (constants.signals[name] ?? 1)), 200);
}
