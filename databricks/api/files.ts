// The Files API: staged files on a volume.
import { createReadStream } from 'node:fs';
import type { Api } from '../api.ts';

/** Percent-encodes each part of a path, keeping its slashes. */
const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/**
 * Uploads a local file to a path under /Volumes, replacing one of that name; folders above it are made. At most 5 GiB
 * ("Files API"). Throws with status 404 when the volume is missing.
 */
export async function uploadFile(
  { url, transfer }: Api,
  path: string,
  { file, bytes, signal }: { readonly file: string; readonly bytes: number; readonly signal: AbortSignal },
): Promise<void> {
  await transfer({
    method: 'PUT',
    url: `${url}/api/2.0/fs/files${encoded(path)}?overwrite=true`,
    headers: { 'content-type': 'application/octet-stream' },
    body: { length: bytes, open: () => createReadStream(file) },
    purpose: `upload "${path}"`,
    signal,
  });
}

/** Writes a small file from memory. */
export async function putFile({ url, send }: Api, path: string, text: string): Promise<void> {
  await send({
    method: 'PUT',
    url: `${url}/api/2.0/fs/files${encoded(path)}?overwrite=true`,
    headers: { 'content-type': 'application/octet-stream' },
    body: text,
    purpose: `write the file "${path}"`,
  });
}

/** Deletes a file; one that is gone already is no error. */
export async function deleteFile({ url, send }: Api, path: string): Promise<void> {
  const purpose = `delete "${path}"`;
  await send({ method: 'DELETE', url: `${url}/api/2.0/fs/files${encoded(path)}`, purpose, accept: [404] });
}

/** Deletes an empty folder. Returns without an error when it is gone, or holds something (400). */
export async function deleteFolder({ url, send }: Api, path: string): Promise<void> {
  const purpose = `delete the folder "${path}"`;
  await send({
    method: 'DELETE',
    url: `${url}/api/2.0/fs/directories${encoded(path)}`,
    purpose,
    accept: [400, 404],
  });
}
