// What the events of both vendors have in common when they are taken apart: texts, times, ids made of what they say.
import { createHash } from 'node:crypto';
import type { NewEvent } from '../store/contract.ts';
import type { Source } from './streams.ts';

/** Type of what stands for something that was signed but could not be read: something has changed, nobody knows what. */
export const unreadable = 'unreadable';

/** A text that is not empty; numbers count as texts, for ids may come as either. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Milliseconds since the epoch. Without a zone it is UTC; fractions of any length are cut to milliseconds. */
export function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`;
  const instant = Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(instant) ? undefined : instant;
}

/** The same for the same parts, in whatever case the vendor writes them. */
export function madeId(source: Source, parts: readonly (string | number)[]): string {
  const said = JSON.stringify(parts.map((part) => String(part).toLowerCase()));
  return `${source}-${createHash('sha256').update(said).digest('hex').slice(0, 32)}`;
}

/** Stands for a body, or a part of one, that is the vendor's but not as it is documented. */
export const unreadableEvent = (source: Source, part: string | Uint8Array, receivedAt: number): NewEvent => ({
  id: `${source}-${createHash('sha256').update(part).digest('hex').slice(0, 32)}`,
  source,
  tenant: '',
  record: '',
  type: unreadable,
  happenedAt: receivedAt,
  receivedAt,
});
