// The slow, careful pass over lines that the fast reader refuses: bad lines are set aside, the others made plain.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Declaration, isObject, lineBlocks, linesOf } from '@airbyte/cdk-typescript-shim';
import { quoteNumerals } from './digits.ts';
import type { Reject } from './rejects.ts';
import { type ObjectShape, recordShape, type Shape } from './shape.ts';
import type { SpoolFile } from './spool.ts';

export interface MendedFile extends SpoolFile {
  /** For each line that is left: its number in the spooled file. */
  readonly origins: readonly number[];
  /** The lines that were set aside. */
  readonly rejects: readonly Reject[];
}

export interface MendOptions {
  readonly declaration: Declaration;
  readonly mark: string;
  /** Lines to be set aside for a reason found elsewhere, by their number in the file. */
  readonly refused: ReadonlyMap<number, string>;
  /** Every line is written anew, not only those that can be seen to need it. */
  readonly rewrite: boolean;
}

/**
 * Writes the lines of `file` anew: every line that is left is a record of the declared shape, in JSON that any
 * reader takes. What has another shape than declared becomes null and is listed in `meta.changes`.
 */
export async function mend(file: SpoolFile, options: MendOptions): Promise<MendedFile> {
  const { declaration, mark, refused, rewrite } = options;
  const path = `${file.paths[0] ?? ''}.mended`;
  const handle = await open(path, 'w', 0o600);
  const origins: number[] = [];
  const rejects: Reject[] = [];
  let [bytes, longest, number] = [0, 0, 0];
  try {
    for await (const block of lineBlocks(chunksOf(file.paths))) {
      const kept: Buffer[] = [];
      for (const { start, end } of linesOf(block)) {
        const line = block.subarray(start, end);
        const found = refused.get(number) ?? plainLine(line, declaration, mark);
        if (typeof found === 'string') {
          const ordinal = file.ordinal + number;
          rejects.push({ line: asArrived(line, mark), reason: found, stream: declaration.stream, ordinal });
        } else {
          const text = rewrite || found.mended ? Buffer.from(found.text) : line;
          kept.push(text);
          origins.push(number);
          longest = Math.max(longest, text.length);
        }
        number += 1;
      }
      bytes += await write(handle, kept);
    }
  } finally {
    await handle.close();
  }
  const rows = origins.length;
  return { ...file, paths: [path], bytes, longest, rows, marked: true, exact: true, origins, rejects };
}

/** The line as it was before long numerals were quoted. A copy: the block it lies in is large. */
function asArrived(line: Buffer, mark: string): Buffer {
  if (!line.includes(mark)) return Buffer.from(line);
  const quoted = new RegExp(`"${mark}([^"]*)"`, 'g');
  return Buffer.from(line.toString('latin1').replace(quoted, '$1'), 'latin1');
}

async function* chunksOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>;
}

async function write(handle: FileHandle, lines: readonly Buffer[]): Promise<number> {
  const bytes = Buffer.concat(lines);
  await handle.writeFile(bytes);
  return bytes.length;
}

interface PlainLine {
  readonly text: string;
  /** The line could not stay as it was. */
  readonly mended: boolean;
}

/** The line made plain, or the reason why it cannot be used. */
function plainLine(
  line: Buffer,
  { envelope, ...declaration }: Declaration,
  mark: string,
): PlainLine | string {
  const written = line.toString('utf8');
  let message: unknown;
  try {
    message = JSON.parse(quoteNumerals(written, mark, { whole: true }).line);
  } catch (error) {
    return `not JSON (${(error as Error).message})`;
  }
  if (!isObject(message) || !isObject(message.record)) return 'a record without data';
  const holder = envelope === 'singer' ? message : message.record;
  const data = envelope === 'singer' ? message.record : message.record.data;
  if (!isObject(data)) return 'a record whose data is not an object';
  const misshapen: string[] = [];
  const shape = recordShape({ envelope, ...declaration });
  const fitted = shape.members.length === 0 ? data : fit(shape, data, { above: '', misshapen });
  const told = isObject(holder.meta) && Array.isArray(holder.meta.changes) ? holder.meta.changes : [];
  const changes = misshapen.map((field) => ({
    field,
    change: 'NULLED',
    reason: 'DESTINATION_TYPECAST_ERROR',
  }));
  const meta = told.length + changes.length === 0 ? {} : { meta: { changes: [...told, ...changes] } };
  const plain =
    envelope === 'singer'
      ? { record: fitted, time_extracted: scalarText(message.time_extracted), ...meta }
      : { record: { data: fitted, emitted_at: scalarText(holder.emitted_at), ...meta } };
  const json = JSON.stringify(plain);
  const text = wellFormed(json);
  const isUtf8 = !written.includes('\ufffd') || Buffer.from(written).equals(line);
  return { text: `${text}\n`, mended: misshapen.length > 0 || text !== json || !isUtf8 };
}

const scalarText = (value: unknown): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null;

interface Fitting {
  readonly above: string;
  readonly misshapen: string[];
}

/** The object with every declared object and array of objects being one, or null. */
function fit(
  shape: ObjectShape,
  value: Record<string, unknown>,
  { above, misshapen }: Fitting,
): Record<string, unknown> {
  const members = new Map(shape.members.map((member) => [member.name, member.shape]));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      fitMember(members.get(name), inner, { above: `${above}${name}`, misshapen }),
    ]),
  );
}

function fitMember(shape: Shape | undefined, value: unknown, { above, misshapen }: Fitting): unknown {
  if (!shape || shape.kind === 'scalar' || value === null) return value;
  if (shape.kind === 'object') {
    if (isObject(value)) return fit(shape, value, { above: `${above}.`, misshapen });
  } else if (Array.isArray(value)) {
    return value.map((entry, index) =>
      fitMember(shape.element, entry, { above: `${above}[${index}]`, misshapen }),
    );
  }
  misshapen.push(above);
  return null;
}

/** Halves of surrogate pairs, which JSON.stringify escapes and strict readers refuse, become U+FFFD. */
const wellFormed = (json: string): string =>
  json.replace(/\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|["\\/bfnrtu])/g, (found, code: string) =>
    code.length > 1 ? '\ufffd' : found,
  );
