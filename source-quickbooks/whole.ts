// Reads small tables whole and compares them with the last time: what changed is delivered, what vanished is deleted.
import { isObject, isoInstant } from '@airbyte/cdk-typescript-shim';
import { contentHash } from '@airbyte/cdk-typescript-shim/kit';
import {
  allFrom,
  answersTo,
  type Course,
  countOf,
  idOf,
  type Selected,
  type State,
  unwrapped,
} from './reading.ts';
import { type Row, recordOf, tombstone } from './values.ts';

const ATTEMPTS = 3;

/**
 * A state means: the records of `rows` were delivered, in these versions (short hashes of their content), and the table
 * was whole at `read_at`. A row that changes during the reading is either in the reply or differs the next time.
 */
export function* readWhole(
  { stream, refresh, state }: Selected,
  { realm, size }: { readonly realm: string; readonly size: number },
): Course<void> {
  const { rows, at } = yield* allRows(stream, size);
  const versions = refresh ? new Map<string, string>() : versionsIn(state);
  const found = new Set<string>();
  for (const row of rows) {
    const id = idOf(stream, row);
    found.add(id);
    const version = contentHash(row);
    if (versions.get(id) === version) continue;
    versions.set(id, version);
    yield { stream, data: recordOf(row, { realm, id }) };
  }
  for (const id of [...versions.keys()]) {
    if (found.has(id)) continue;
    versions.delete(id);
    yield { stream, data: tombstone(id, { realm, at }) };
  }
  yield { stream, state: { read_at: isoInstant(at), rows: Object.fromEntries(versions) } };
}

/** One page as a rule. Several are counted at the end, as rows may slip from one to another while they are read. */
function* allRows(stream: Selected['stream'], size: number): Course<{ rows: readonly Row[]; at: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const rows = new Map<string, Row>();
    let began: number | undefined;
    for (let position = 1; ; position += size) {
      const asked = [allFrom(stream, { position, size }), ...(position > 1 ? [countOf(stream)] : [])];
      const { answers, at } = yield* answersTo(asked, asked.length);
      began ??= at;
      const page = answers[0]?.rows ?? [];
      for (const row of page.map((one) => unwrapped(stream, one))) rows.set(idOf(stream, row), row);
      if (page.length === size) continue;
      const whole = position === 1 || answers[1]?.count === rows.size;
      if (whole || attempt === ATTEMPTS) return { rows: [...rows.values()], at: began };
      break;
    }
  }
}

const versionsIn = ({ rows }: State): Map<string, string> =>
  new Map(isObject(rows) ? Object.entries(rows).map(([id, version]) => [id, String(version)]) : []);
