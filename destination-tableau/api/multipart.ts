// Bodies of kind multipart/mixed, which Tableau takes for files: an XML part first, then the file.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { HttpRequest } from '@airbyte/cdk-typescript-shim/kit';

/** A piece of a local file. */
export interface FileRange {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/** No line of a .hyper or Parquet file is like it by accident; constant, so that equal requests are equal. */
const boundary = 'ledgerpipe-7f1d2c0b9a64-boundary';

export const multipartHeaders = {
  'content-type': `multipart/mixed; boundary=${boundary}`,
  accept: 'application/json',
} as const;

/** A part named `request_payload`, and the file's bytes as `file.name` where there is a file. */
export function multipart(
  payload: string,
  file?: { readonly name: string; readonly fileName: string; readonly range: FileRange },
): NonNullable<HttpRequest['body']> {
  const head = `--${boundary}\r\nContent-Disposition: name="request_payload"\r\nContent-Type: text/xml\r\n\r\n${payload}\r\n`;
  const tail = `--${boundary}--\r\n`;
  if (!file) return head + tail;
  const { name, fileName, range } = file;
  const before = `${head}--${boundary}\r\nContent-Disposition: name="${name}"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const after = `\r\n${tail}`;
  return {
    length: Buffer.byteLength(before) + range.length + Buffer.byteLength(after),
    open: () => Readable.from(parts(before, range, after)),
  };
}

async function* parts(before: string, { path, start, length }: FileRange, after: string) {
  yield Buffer.from(before);
  if (length > 0) yield* createReadStream(path, { start, end: start + length - 1 }) as AsyncIterable<Buffer>;
  yield Buffer.from(after);
}

/** Text for an XML attribute or element; characters that XML cannot hold are left out. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const holdable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return holdable.replace(/[<>&"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
