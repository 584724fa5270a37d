// The DFS endpoint of OneLake: create, append, flush, rename, read, list, delete (powerbi.md 4.3, OneLake DFS basics).
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { Refusal } from '../powerbi/answers.ts';
import type { Storage } from './storage.ts';

/** Entries of one page of a list. */
const pageSize = 5_000;

export function dfsError(status: number, code: string, message: string): Refusal {
  const text = `${message}\nRequestId:${randomUUID()}`;
  return new Refusal({
    status,
    headers: { 'content-type': 'application/json;charset=utf-8', 'x-ms-error-code': code },
    body: JSON.stringify({ error: { code, message: text } }),
  });
}

const missing = (): Refusal => dfsError(404, 'PathNotFound', 'The specified path does not exist.');

/** Headers that OneLake does not look at, and says so. */
const rejected = /^x-ms-(permissions|acl|owner|group|umask|access-tier|encryption.*)$/;

interface Surroundings {
  readonly storage: Storage;
  readonly clock: Clock;
  /** A path as a client wrote it, with ids for names; refuses what nobody may touch. */
  pathOf(encoded: string, need: 'read' | 'write'): string;
}

/** Any method on `/{workspace}/{item}/...`. `encoded` is the path below the workspace. */
export function serveDfs(around: Surroundings, encoded: string, request: EmulatorRequest): Answer {
  const { method, url, headers } = request;
  const query = url.searchParams;
  if (method === 'GET' && query.get('resource') === 'filesystem') return list(around, query);
  const need = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  const path = around.pathOf(encoded, need);
  const answer = served(around, path, request);
  const ignored = Object.keys(headers).filter((name) => rejected.test(name));
  return ignored.length === 0
    ? answer
    : { ...answer, headers: { ...answer.headers, 'x-ms-rejected-headers': ignored.join(',') } };
}

function served(around: Surroundings, path: string, request: EmulatorRequest): Answer {
  const { storage } = around;
  const query = request.url.searchParams;
  switch (request.method) {
    case 'PUT':
      return request.headers['x-ms-rename-source'] === undefined
        ? create(around, path, request)
        : rename(around, path, request);
    case 'PATCH':
      return patch(around, path, request);
    case 'HEAD':
    case 'GET': {
      const file = storage.file(path);
      if (!file && !storage.isDirectory(path)) throw missing();
      const described = {
        'x-ms-resource-type': file ? 'file' : 'directory',
        ...(file ? { etag: file.etag, 'content-length': String(file.content.length) } : {}),
      };
      return {
        status: 200,
        headers: described,
        ...(file && request.method === 'GET' ? { body: file.content } : {}),
      };
    }
    case 'DELETE': {
      if (!storage.has(path)) throw missing();
      const within = storage.isDirectory(path) && storage.list(path, false).length > 0;
      if (within && query.get('recursive') !== 'true')
        throw dfsError(
          409,
          'DirectoryNotEmpty',
          'The recursive query parameter value must be true to delete a non-empty directory.',
        );
      storage.remove(path);
      return { status: 200 };
    }
    default:
      throw dfsError(405, 'UnsupportedHttpVerb', "The resource doesn't support the specified HTTP verb.");
  }
}

function create({ storage, clock }: Surroundings, path: string, { url, headers }: EmulatorRequest): Answer {
  const resource = url.searchParams.get('resource');
  if (headers['if-none-match'] === '*' && storage.has(path))
    throw dfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
  if (resource === 'directory') {
    if (storage.file(path)) throw dfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
    storage.makeDirectory(path);
    return { status: 201 };
  }
  if (resource !== 'file')
    throw dfsError(
      400,
      'InvalidQueryParameterValue',
      'Value for one of the query parameters specified in the request URI is invalid: resource.',
    );
  if (storage.isDirectory(path))
    throw dfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
  const { etag } = storage.write(path, {
    content: Buffer.alloc(0),
    pending: Buffer.alloc(0),
    at: clock.now(),
  });
  return { status: 201, headers: { etag } };
}

function rename(
  { storage, clock, pathOf }: Surroundings,
  path: string,
  { headers }: EmulatorRequest,
): Answer {
  const [source = ''] = String(headers['x-ms-rename-source']).split('?');
  const [, workspace = '', rest = ''] = /^(?:\/onelake)?\/([^/]+)\/(.+)$/.exec(source) ?? [];
  if (decodeURIComponent(workspace).toLowerCase() !== storage.workspace)
    throw dfsError(
      400,
      'InvalidRenameSourcePath',
      'The source path must be in the same workspace, and begin with a slash.',
    );
  const from = pathOf(rest, 'write');
  if (!storage.has(from)) throw dfsError(404, 'RenameSourceNotFound', 'The source path does not exist.');
  if (headers['if-none-match'] === '*' && storage.has(path))
    throw dfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
  if (storage.isDirectory(path)) throw dfsError(409, 'PathConflict', 'The destination is a directory.');
  storage.rename(from, path, clock.now());
  return { status: 201 };
}

/** Appending holds bytes back until a flush names their full length. */
function patch({ storage, clock }: Surroundings, path: string, { url, body }: EmulatorRequest): Answer {
  const file = storage.file(path);
  if (!file) throw missing();
  const query = url.searchParams;
  const position = Number(query.get('position') ?? Number.NaN);
  const length = file.content.length + file.pending.length;
  if (query.get('action') === 'append') {
    if (position !== length)
      throw dfsError(
        400,
        'InvalidRange',
        `The position ${query.get('position')} is not the end of the file, ${length}.`,
      );
    const pending = Buffer.concat([file.pending, body]);
    const flushed = query.get('flush') === 'true';
    storage.write(
      path,
      flushed
        ? { content: Buffer.concat([file.content, pending]), pending: Buffer.alloc(0), at: clock.now() }
        : { content: file.content, pending, at: file.landedAt },
    );
    return { status: 202 };
  }
  if (query.get('action') !== 'flush')
    throw dfsError(
      400,
      'InvalidQueryParameterValue',
      'Value for one of the query parameters specified in the request URI is invalid: action.',
    );
  if (position !== length)
    throw dfsError(
      400,
      'InvalidFlushPosition',
      `The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file, ${length}.`,
    );
  const content = Buffer.concat([file.content, file.pending]);
  const { etag } = storage.write(path, { content, pending: Buffer.alloc(0), at: clock.now() });
  return { status: 200, headers: { etag } };
}

function list({ storage, pathOf }: Surroundings, query: URLSearchParams): Answer {
  const directory = pathOf(query.get('directory') ?? '', 'read');
  if (directory !== '' && !storage.isDirectory(directory)) throw missing();
  const all = storage.list(directory, query.get('recursive') === 'true');
  const size = Math.min(Number(query.get('maxResults') ?? pageSize), pageSize);
  const start = Number(query.get('continuation') ?? 0);
  const paths = all.slice(start, start + size).map(({ path, file }) => ({
    name: path,
    ...(file ? { etag: file.etag } : { isDirectory: 'true' }),
    contentLength: String(file?.content.length ?? 0),
    ...(file ? { lastModified: new Date(file.landedAt).toUTCString() } : {}),
  }));
  const more = start + size < all.length ? { 'x-ms-continuation': String(start + size) } : {};
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=utf-8', ...more },
    body: JSON.stringify({ paths }),
  };
}
