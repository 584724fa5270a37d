// Reads exactly the records that were asked for, in the fewest calls: what a webhook or a replay needs.
import type { RecordReference } from '@airbyte/cdk-typescript-shim';
import { answersTo, type Course, idOf, withIds } from './reading.ts';
import type { Stream } from './streams.ts';
import { type Row, recordOf, tombstone } from './values.ts';

/** Ids of one statement: 100 fit well into every limit seen, so 500 records are one call. */
export const IDS_PER_STATEMENT = 100;

/** Records of one stream; what QuickBooks does not know any more was deleted. */
export function* readOnly(
  stream: Stream,
  { ids, realm, now }: { readonly ids: readonly string[]; readonly realm: string; readonly now: number },
): Course<void> {
  const wanted = new Set(ids);
  const statements: string[] = [];
  for (let first = 0; first < ids.length; first += IDS_PER_STATEMENT)
    statements.push(withIds(stream, [...wanted].slice(first, first + IDS_PER_STATEMENT)));
  for (let done = 0; done < statements.length; ) {
    const { answers } = yield* answersTo(statements.slice(done));
    done += answers.length;
    for (const { rows } of answers) for (const row of rows) yield* one(row, { stream, realm, wanted });
  }
  for (const id of wanted) yield { stream, data: tombstone(id, { realm, at: now }) };
}

function* one(
  row: Row,
  { stream, realm, wanted }: { stream: Stream; realm: string; wanted: Set<string> },
): Generator<{ stream: Stream; data: Record<string, unknown> }> {
  const id = idOf(stream, row);
  if (wanted.delete(id)) yield { stream, data: recordOf(row, { realm, id }) };
}

/** The ids of each stream, without repetition; references to other companies or to streams without ids are left over. */
export function referencesOf(
  only: readonly RecordReference[],
  { realm, streams }: { readonly realm: string; readonly streams: readonly Stream[] },
): { readonly byStream: ReadonlyMap<Stream, readonly string[]>; readonly left: readonly RecordReference[] } {
  const byStream = new Map<Stream, string[]>();
  const left: RecordReference[] = [];
  for (const reference of only) {
    const stream = streams.find(({ name }) => name === reference.stream);
    if (!stream || reference.tenant !== realm || !isReadable(stream)) left.push(reference);
    else byStream.set(stream, [...new Set([...(byStream.get(stream) ?? []), reference.id])]);
  }
  return { byStream, left };
}

/** Rows of reports, and rows whose Id is made here, cannot be asked for by it. */
const isReadable = ({ how, keyFrom, wrapped }: Stream): boolean =>
  how.by !== 'report' && !keyFrom && !wrapped;
