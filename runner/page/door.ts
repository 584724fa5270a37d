// Who knows the token gets in; who guesses waits longer each time.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { isSame } from './sessions.ts';

/** Wrong tokens of one address that cost nothing: people mistype. */
const freeTries = 3;

/** Then each doubles the wait, from a second to half a minute. */
const longestWait = 30_000;

/** An address that has been quiet for so long begins anew. */
const forgiven = 15 * 60_000;

/** Addresses that are remembered; beyond that the oldest are forgotten. */
const mostAddresses = 10_000;

/** `seconds`: it is not even looked at before they have passed. */
export type Answer =
  | { readonly outcome: 'in' | 'wrong' }
  | { readonly outcome: 'wait'; readonly seconds: number };

interface Tries {
  readonly wrong: number;
  readonly at: number;
  readonly until: number;
}

export type Door = (given: string, address: string) => Answer;

export function createDoor(token: string, clock: Pick<Clock, 'now'>): Door {
  const byPlace = new Map<string, Tries>();
  return (given, address) => {
    const now = clock.now();
    const place = placeOf(address);
    const known = byPlace.get(place);
    if (known && known.until > now)
      return { outcome: 'wait', seconds: Math.ceil((known.until - now) / 1000) };
    byPlace.delete(place);
    if (isSame(given, token)) return { outcome: 'in' };
    const wrong = (known && now - known.at < forgiven ? known.wrong : 0) + 1;
    const wait = wrong < freeTries ? 0 : Math.min(1000 * 2 ** (wrong - freeTries), longestWait);
    byPlace.set(place, { wrong, at: now, until: now + wait });
    const [oldest] = byPlace.keys();
    if (byPlace.size > mostAddresses && oldest !== undefined) byPlace.delete(oldest);
    return { outcome: 'wrong' };
  };
}

/** Whoever has one address of IPv6 has the whole network of 64 bits. */
function placeOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.split(':').at(-1) ?? address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest].slice(0, 4).join(':');
}
