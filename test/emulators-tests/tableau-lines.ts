// A source "Lines" on a server: what the tests of updates start from, and its rows as text.
import type { Files } from './tableau-files.ts';
import { type Body, type Client, openClient } from './tableau-setup.ts';

export const abc = [
  ['a', '1.5000'],
  ['b', '2.0000'],
  ['c', null],
] as const;

export const untouched = ['a=1.5000', 'b=2.0000', 'c=null'];

/** A server with a source "Lines" that holds rows a, b and c. */
export async function linesServer(files: Files, options: Parameters<typeof openClient>[0] = {}) {
  const client = await openClient(options);
  const source = await client.published('Lines', await files.lines(...abc));
  return { client, source };
}

export const rowsOf = async ({ emulator }: Client) =>
  (await emulator.rows('Lines', 'lines', 'SELECT id, amount FROM {table} ORDER BY id, amount')).map(
    ({ id, amount }) => `${id}=${amount}`,
  );

export const notesOf = (job: Body): string =>
  String((job.updateUploadedFileJob as { notes?: string } | undefined)?.notes);
