// Reads a request's body as it came, up to a size and a time, so that strangers cannot hold the runner up.
import type { IncomingMessage } from 'node:http';

/** Bytes of one body; an event takes some 400, and neither vendor says how many come at once. */
export const mostBytes = 4 * 1024 * 1024;

/** Bytes of all bodies that are under way together: part of the memory that the runner may use. */
const mostTogether = 64 * 1024 * 1024;

let together = 0;

/** 408: too slow. 413: too large. 503: too much at once. 400: the sender went away. */
export type Unread = 400 | 408 | 413 | 503;

/** The body, or the status that says why there is none. `late` resolves when the sender has had its time. */
export function readBody(request: IncomingMessage, late: Promise<unknown>): Promise<Buffer | Unread> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.resolve(413);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let open = true;
    const end = (result: Buffer | Unread): void => {
      if (!open) return;
      open = false;
      together -= length;
      request.off('data', take).off('end', ended).off('error', cut).off('close', cut);
      // What still comes is not wanted; a connection that breaks now is nobody's concern.
      if (!Buffer.isBuffer(result)) request.on('error', () => undefined).pause();
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      together += chunk.length;
      if (length > mostBytes) end(413);
      else if (together > mostTogether) end(503);
    };
    const ended = (): void => end(Buffer.concat(chunks));
    const cut = (): void => end(400);
    request.on('data', take).on('end', ended).on('error', cut).on('close', cut);
    void late.then(() => end(408));
  });
}
