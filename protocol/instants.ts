// Moments as sources tell them: ISO texts to milliseconds since the epoch and back.

/**
 * Milliseconds since the epoch of `2026-04-08T13:13:33-07:00` or of a day; undefined for anything else. A text without a
 * zone is UTC. Offsets move with daylight saving, so texts must never be compared with each other.
 */
export function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(value))
    return undefined;
  const zoned = value.length === 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? undefined : at;
}

/** 2026-04-08T20:13:33.000Z */
export const isoInstant = (at: number): string => new Date(at).toISOString();

/** 2026-04-08: the calendar day in UTC. */
export const isoDay = (at: number): string => isoInstant(at).slice(0, 10);

/** 2026-04-08T20:13:33, floored and without a zone: what headers and queries that know seconds only are made of. */
export const isoSecond = (at: number): string => isoInstant(at).slice(0, 19);
