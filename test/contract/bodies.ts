// The JSON of an answer as a client would see it.
import { gunzipSync } from 'node:zlib';
import type { LoggedRequest } from '../emulators/emulator.ts';

/** As it was before compression; undefined for anything but JSON. */
export function bodyOf({ answer }: LoggedRequest): unknown {
  const { headers = {}, body = '' } = answer ?? {};
  if (!headers['content-type']?.startsWith('application/json')) return undefined;
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(plain.toString());
}
