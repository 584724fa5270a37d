// File uploads: a session, the file in pieces of up to 64 MB, and the whole again when a piece was lost.
import { stat } from 'node:fs/promises';
import { ConnectorError, systemError } from '@airbyte/cdk-typescript-shim';
import { type Clock, pause } from '@airbyte/cdk-typescript-shim/kit';
import { at, textOf } from './answers.ts';
import { multipart, multipartHeaders } from './multipart.ts';
import type { Site } from './sessions.ts';

export interface UploadOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Bytes of a piece, at most 64 MB ("Append to File Upload"). */
  readonly chunkBytes: number;
}

const attempts = 4;

/**
 * Uploads a file and gives the session to commit it with. A piece whose answer was lost may or may not have been
 * appended, and nothing tells: the file then goes up again in a new session.
 */
export async function upload(site: Site, path: string, options: UploadOptions): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await uploadOnce(site, path, options);
    } catch (error) {
      const passes = error instanceof ConnectorError && error.kind === 'transient';
      if (!passes || attempt >= attempts) throw error;
      await pause(options.clock, 1_000 * 2 ** attempt, { signals: [options.signal] });
    }
  }
}

async function uploadOnce(site: Site, path: string, { signal, chunkBytes }: UploadOptions): Promise<string> {
  const { size } = await stat(path);
  const session = await openUpload(site, signal);
  const url = `${site.url}/fileUploads/${encodeURIComponent(session)}`;
  for (let start = 0; start < size || start === 0; start += chunkBytes) {
    const length = Math.min(chunkBytes, size - start);
    await site.transfer({
      method: 'PUT',
      url,
      headers: multipartHeaders,
      // Names that are not ASCII break some versions: the visible name is given elsewhere.
      body: multipart('', { name: 'tableau_file', fileName: 'data.hyper', range: { path, start, length } }),
      repeatable: false,
      signal,
      purpose: `upload ${Math.ceil(size / 1_000_000)} MB to site "${site.name}"`,
    });
  }
  return session;
}

/** Only users who may publish get a session, so this is also a harmless probe of that right. */
export async function openUpload(site: Site, signal?: AbortSignal): Promise<string> {
  const response = await site.send({
    method: 'POST',
    url: `${site.url}/fileUploads`,
    headers: { accept: 'application/json' },
    // A session that is never used ends by itself.
    repeatable: true,
    purpose: `upload a file to site "${site.name}"`,
    ...(signal ? { signal } : {}),
  });
  const session = textOf(at(response.json(), 'fileUpload', 'uploadSessionId'));
  if (session) return session;
  throw systemError(
    `Cannot upload to site "${site.name}": Tableau gave no upload session, report it with the log`,
  );
}
