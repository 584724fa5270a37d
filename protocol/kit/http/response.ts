// A response with its body read, decompressed on the way and parsed at most once.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import type { HttpResponse } from './http.ts';
import { LostAnswer } from './lost-answer.ts';

/** What `decompress` can undo, for the accept-encoding header. */
export const ENCODINGS = 'gzip, deflate, br';

/** A response out of its parts. `subject` begins the message when the body is not JSON: `Cannot read invoices from "h"`. */
export function httpResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
  { body, subject }: { readonly body: Buffer; readonly subject: string },
): HttpResponse {
  const text = once(() => body.toString('utf8'));
  const json = once(() => parse(text(), subject, status));
  return { status, headers, body, text, json };
}

function parse(text: string, subject: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own error as the cause: it quotes the text, which may hold tokens.
    const found =
      text.length === 0 ? 'an empty body' : `${text.length} characters that are cut short or not JSON`;
    throw new LostAnswer(`${subject}: wanted JSON, found ${found}, try again`, {
      arrived: true,
      status,
    });
  }
}

/** The result of the first call, thrown or returned, for every call. */
function once<T>(compute: () => T): () => T {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  return () => {
    outcome ??= attempt(compute);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
}

function attempt<T>(compute: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: compute() };
  } catch (error) {
    return { error };
  }
}

/** The body as it was before the encodings of a content-encoding header; rejects when it is cut or damaged. */
export async function decompress(body: Buffer, contentEncoding: string | undefined): Promise<Buffer> {
  const encodings = (contentEncoding ?? '').split(',').map((encoding) => encoding.trim().toLowerCase());
  let plain = body;
  // Encodings are listed in the order they were applied. HEAD and 304 answers name one but have no body.
  for (const encoding of encodings.reverse()) if (plain.length > 0) plain = await decode(plain, encoding);
  return plain;
}

async function decode(body: Buffer, encoding: string): Promise<Buffer> {
  switch (encoding) {
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return await promisify(gunzip)(body);
    case 'br':
      return await promisify(brotliDecompress)(body);
    case 'deflate':
      // Servers disagree whether deflate has the zlib wrapper; its first byte's low half is 8 when it has.
      return ((body[0] ?? 0) & 0x0f) === 8
        ? await promisify(inflate)(body)
        : await promisify(inflateRaw)(body);
    default:
      throw new Error(`the encoding "${encoding}" was not asked for`);
  }
}
