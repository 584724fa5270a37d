// Reads budgets: the list tells which there are, the amounts come with each by its id.
import { isObject, isoDay, isoInstant } from '@airbyte/cdk-typescript-shim';
import { isDue, unchanged, vanished, versionsIn } from './census.ts';
import { endpointOf, keyOf, type Reading, recordsOf, type Step } from './reading.ts';
import { instantOf } from './values.ts';

/** Xero gives 24 months in a call at most: a year back and a year ahead. */
const MONTHS_BACK = 12;
const MONTHS = 24;

/**
 * On the schedule of snapshots. A budget is read by its id when its UpdatedDateUTC moved, or when a month has passed and
 * with it the window of months. A state means: the budgets of `rows` were delivered in these versions.
 */
export async function* readBudgets(reading: Reading): AsyncGenerator<Step> {
  if (!isDue(reading)) {
    yield* unchanged(reading);
    return;
  }
  const { api, tenant, clock } = reading;
  const now = clock.now();
  const { query, ...endpoint } = endpointOf(reading);
  const listed = await api.list({ ...endpoint, tenant, query });
  for (const selected of reading.selected) {
    const { stream, refresh, state } = selected;
    const versions = refresh ? new Map<string, string>() : versionsIn(state);
    const found = new Set<string>();
    for (const row of listed.rows) {
      const id = String(row[stream.key]);
      found.add(id);
      const version = `${isoInstant(instantOf(row.UpdatedDateUTC) ?? 0)} ${isoDay(now).slice(0, 7)}`;
      if (versions.get(id) === version) continue;
      const whole = await api.one({ ...endpoint, tenant, query: { ...query, ...budgetMonths(now) }, id });
      if (!isObject(whole)) continue;
      versions.set(id, version);
      for (const data of recordsOf(stream, whole, tenant))
        if (keyOf(stream, data) === id) yield { stream, data };
    }
    yield* vanished(versions, { selected, reading, found });
    yield { stream, state: { read_at: isoInstant(now), rows: Object.fromEntries(versions) } };
  }
}

/** The months that a budget is read for. */
export function budgetMonths(now: number): { DateFrom: string; DateTo: string } {
  const today = new Date(now);
  const month = (offset: number, day: number): string =>
    isoDay(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - MONTHS_BACK + offset, day));
  return { DateFrom: month(0, 1), DateTo: month(MONTHS, 0) };
}
