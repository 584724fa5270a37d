// Reads the ledger: journals in ascending number, a hundred a call.
import { endpointOf, type Reading, recordsOf, type Selected, type Step } from './reading.ts';
import { instantOf } from './values.ts';

const PAGE = 100;
/** Calls between two states. */
const STRETCH = 25;

/**
 * Lower bound: the highest journal number seen, not included. Upper bound: the last journal when the last call was made.
 * Journals never change and later ones have higher numbers, so a state is true at any place.
 */
export async function* readJournals(reading: Reading): AsyncGenerator<Step> {
  for (const selected of reading.selected) yield* readOn(reading, selected);
}

async function* readOn(reading: Reading, { stream, refresh, state }: Selected): AsyncGenerator<Step> {
  const { api, tenant, config } = reading;
  const { query, ...endpoint } = endpointOf(reading);
  const known = !refresh && typeof state.cursor === 'number' ? state.cursor : undefined;
  // The start date matters to a first read alone: afterwards the number says more.
  const since = known === undefined ? instantOf(config.start_date) : undefined;
  let last = known ?? 0;
  for (let call = 1; ; call += 1) {
    const { rows } = await api.list({ ...endpoint, tenant, query: { ...query, offset: last }, since });
    for (const row of rows) {
      last = Math.max(last, Number(row.JournalNumber));
      for (const data of recordsOf(stream, row, tenant)) yield { stream, data };
    }
    if (rows.length < PAGE) break;
    if (call % STRETCH === 0) yield { stream, state: { cursor: last } };
  }
  yield { stream, state: last > 0 ? { cursor: last } : {} };
}
