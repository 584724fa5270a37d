// How a run is stopped: in order when somebody asks, at once when it is no longer ours.
import type { Ends } from './transfer.ts';

const destinationGrace = 60_000;
const sourceGrace = 10_000;

export interface StopSignals {
  /** Asked to stop: the source first, so that the destination sees its end and commits what it has. */
  readonly stop: AbortSignal;
  /** Another runner has the job: neither may go on. */
  readonly lost: AbortSignal;
}

/** Watches the signals until both ends have ended. */
export function stopOn({ stop, lost }: StopSignals, { source, destination }: Ends): void {
  const timers: NodeJS.Timeout[] = [];
  const later = (milliseconds: number, { process: child }: Ends['source'], signal: NodeJS.Signals): void =>
    void timers.push(setTimeout(() => child.kill(signal), milliseconds));
  const inOrder = (): void => {
    source.process.kill('SIGTERM');
    later(sourceGrace, source, 'SIGKILL');
    later(destinationGrace, destination, 'SIGTERM');
  };
  const atOnce = (): void => stopAtOnce({ source, destination });
  const watched = [
    [stop, inOrder],
    [lost, atOnce],
  ] as const;
  for (const [signal, act] of watched)
    if (signal.aborted) act();
    else signal.addEventListener('abort', act, { once: true });
  void Promise.all([source.ended, destination.ended]).then(() => {
    for (const timer of timers) clearTimeout(timer);
    for (const [signal, act] of watched) signal.removeEventListener('abort', act);
  });
}

/** Stops both without waiting for each other; a destination still cancels what it has under way. */
export function stopAtOnce(ends: Ends): void {
  for (const child of [ends.source, ends.destination]) {
    child.process.kill('SIGTERM');
    const timer = setTimeout(() => child.process.kill('SIGKILL'), sourceGrace);
    void child.ended.then(() => clearTimeout(timer));
  }
}

/** Stops both at once, and resolves when they have ended; what they still say is not listened to. */
export async function endAtOnce(ends: Ends): Promise<void> {
  stopAtOnce(ends);
  const both = [ends.source, ends.destination];
  for (const { process: child } of both) child.stdout.destroy();
  await Promise.all(both.map(({ ended }) => ended));
}
