// Says the same thing once in a while: what strangers send must not fill the log.
import type { Clock } from '@airbyte/cdk-typescript-shim';

const pauseMilliseconds = 60_000;

/** More different things than that are not told apart: the oldest are forgotten. */
const mostKept = 1_000;

/**
 * Calls `say` unless it was called for the same `what` within the last minute. `unsaid`: how often that was since it
 * was last called.
 */
export type Sparing = (what: string, say: (unsaid: number) => void) => void;

export function sparing(clock: Clock): Sparing {
  const said = new Map<string, { readonly at: number; unsaid: number }>();
  return (what, say) => {
    const last = said.get(what);
    const now = clock.now();
    if (last && now - last.at < pauseMilliseconds) {
      last.unsaid += 1;
      return;
    }
    said.delete(what);
    said.set(what, { at: now, unsaid: 0 });
    if (said.size > mostKept) for (const oldest of said.keys()) if (said.delete(oldest)) break;
    say(last?.unsaid ?? 0);
  };
}
