// Records that a destination put aside: known by the file in which it keeps their lines.
import { createReadStream } from 'node:fs';
import { isObject, recordHead } from '@airbyte/cdk-typescript-shim';
import split2 from 'split2';
import type { Noter, RecordNote } from './notes.ts';

/**
 * Hashes of the stream's records in the file of rejects, and `keyMark` of those that it knows by their key alone (a
 * destination that was refused a row has its line no more); none when there is no such file.
 */
export async function rejectedIn(
  file: string,
  { stream, noter }: { readonly stream: string; readonly noter: Noter },
): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  try {
    for await (const text of createReadStream(file).pipe(split2())) {
      const line = lineOf(text as string, stream);
      const head = line && recordHead(line);
      const note =
        line && noter.note(line, { start: 0, end: line.length, ...(head && { head: head.length }) });
      if (note) hashes.add(isByKey(text as string) ? keyMark(note) : note.hash);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return hashes;
}

export const keyMark = ({ tenant, key }: Pick<RecordNote, 'tenant' | 'key'>): string => `${tenant}\0${key}`;

const isByKey = (text: string): boolean => {
  const entry: unknown = JSON.parse(text);
  return isObject(entry) && isObject(entry.record);
};

function lineOf(text: string, stream: string): Buffer | undefined {
  const entry: unknown = JSON.parse(text);
  if (!isObject(entry) || entry.stream !== stream) return undefined;
  if (isObject(entry.record))
    return Buffer.from(JSON.stringify({ type: 'RECORD', record: { stream, data: entry.record } }), 'utf8');
  if (typeof entry.line === 'string') return Buffer.from(entry.line, 'utf8');
  return typeof entry.line_base64 === 'string' ? Buffer.from(entry.line_base64, 'base64') : undefined;
}
