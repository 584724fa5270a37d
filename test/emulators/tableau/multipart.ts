// The multipart/mixed bodies of uploads and publishes (tableau.md 2.1, 2.2).
import { badRequest } from './errors.ts';

export interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

const crlf = '\r\n';

/** The parts in order. Refuses other media types (multipart/form-data too), lone line feeds, and parts without a name. */
export function readParts(body: Buffer, contentType: string | undefined): Part[] {
  if (!/^multipart\/mixed\s*;/i.test(contentType ?? ''))
    throw badRequest(400000, `Content-Type must be multipart/mixed, not ${contentType ?? 'absent'}`);
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  if (!boundary) throw badRequest(400000, 'Content-Type names no boundary');
  const parts: Part[] = [];
  const delimiter = Buffer.from(`--${boundary}`);
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (body.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const headEnd = body.indexOf(crlf + crlf, start);
    const next = nextDelimiter(body, delimiter, headEnd < 0 ? start : headEnd + crlf.length);
    if (headEnd < 0 || next < 0) break;
    const content = body.subarray(Math.min(headEnd + 2 * crlf.length, next), next);
    parts.push(partOf(body.subarray(start, headEnd).toString('utf8'), content));
    at = next + crlf.length;
  }
  throw badRequest(400000, 'The multipart body is incomplete: its closing boundary is missing');
}

/** The delimiter belongs to the line break before it. */
const nextDelimiter = (body: Buffer, delimiter: Buffer, from: number): number =>
  body.indexOf(Buffer.concat([Buffer.from(crlf), delimiter]), from);

function partOf(head: string, body: Buffer): Part {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const name = /\bname="?([^";]+)"?/i.exec(disposition.replace(/filename/gi, '\u0000'))?.[1];
  if (name === undefined) throw badRequest(400000, 'A part has no Content-Disposition with a name');
  return {
    name: name.trim(),
    fileName: /filename="?([^";\r\n]+)"?/i.exec(disposition)?.[1]?.trim(),
    contentType: /^content-type:\s*(.*?)\s*$/im.exec(head)?.[1],
    body,
  };
}
