// The Files API over volumes: files and directories under /api/2.0/fs, real files on disk behind it.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, badRequest, json, page } from './answers.ts';
import type { Grants, Privilege } from './grants.ts';
import type { CatalogModel } from './model.ts';
import type { Switches } from './switches.ts';
import { type VolumePath, type Volumes, volumePath } from './volumes.ts';

/** One file upload, in bytes: 5 GiB. */
const maxFile = 5 * 1024 ** 3;
/** Entries of one directory page. */
const maxPage = 1_000;

interface Surroundings {
  readonly model: CatalogModel;
  readonly grants: Grants;
  readonly volumes: Volumes;
  readonly switches: Switches;
  readonly clock: Clock;
  /** Bytes of uploads that were counted and dropped. */
  readonly counted: { bytes: number; files: number };
}

type FileRequest = Pick<EmulatorRequest, 'method' | 'url' | 'headers' | 'body'>;

/** Any method on `/api/2.0/fs/files{path}`. `encoded` is the path as it stands in the URL. */
export async function serveFile(
  surroundings: Surroundings,
  encoded: string,
  request: FileRequest,
): Promise<Answer> {
  const path = checkedPath(surroundings, encoded, request.method);
  const local = surroundings.volumes.local(path);
  if (path.segments.length === 0) throw badRequest('The path is a volume, not a file.');
  switch (request.method) {
    case 'PUT':
      return put(surroundings, local, request);
    case 'GET':
    case 'HEAD':
      return get(local, request);
    case 'DELETE':
      await fileInfo(local);
      await rm(local);
      return { status: 204 };
    default:
      throw new ApiFailure(405, 'METHOD_NOT_ALLOWED', {
        message: `${request.method} is not supported here.`,
      });
  }
}

async function put(
  { switches, counted }: Surroundings,
  local: string,
  { url, body }: FileRequest,
): Promise<Answer> {
  if (body.length > maxFile)
    throw new ApiFailure(413, 'REQUEST_SIZE_EXCEEDED', {
      message: 'Files larger than 5 GiB are not supported.',
    });
  const asked = url.searchParams.get('overwrite');
  const overwrite = asked === null ? switches.putOverwritesByDefault : asked === 'true';
  const before = await stat(local).catch(() => undefined);
  if (before?.isDirectory() || (before && !overwrite))
    throw new ApiFailure(409, 'ALREADY_EXISTS', {
      message: 'The file being created already exists.',
      reason: 'FILES_API_FILE_ALREADY_EXISTS',
    });
  if (switches.discardUploads) {
    counted.bytes += body.length;
    counted.files += 1;
    return { status: switches.filePutStatus };
  }
  await mkdir(dirname(local), { recursive: true });
  // Readers never see half a file.
  const partial = join(
    dirname(local),
    `.${createHash('sha256').update(local).digest('hex').slice(0, 16)}.partial`,
  );
  await writeFile(partial, body);
  await rename(partial, local);
  return { status: switches.filePutStatus };
}

async function get(local: string, { method, headers }: FileRequest): Promise<Answer> {
  const info = await fileInfo(local);
  const described = {
    'content-type': 'application/octet-stream',
    'last-modified': info.mtime.toUTCString(),
    'accept-ranges': 'bytes',
  };
  if (method === 'HEAD')
    return { status: 200, headers: { ...described, 'content-length': String(info.size) } };
  const unmodified = headers['if-unmodified-since'];
  if (unmodified && Date.parse(unmodified) < Math.floor(info.mtimeMs / 1000) * 1000)
    throw new ApiFailure(412, 'PRECONDITION_FAILED', { message: 'The file has been modified.' });
  const content = await readFile(local);
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!range) return { status: 200, headers: described, body: content };
  const start = Number(range[1]);
  const end = Math.min(range[2] ? Number(range[2]) : content.length - 1, content.length - 1);
  if (start > end) throw new ApiFailure(416, 'BAD_REQUEST', { message: 'The range is outside the file.' });
  const contentRange = `bytes ${start}-${end}/${content.length}`;
  return {
    status: 206,
    headers: { ...described, 'content-range': contentRange },
    body: content.subarray(start, end + 1),
  };
}

async function fileInfo(
  local: string,
): Promise<Awaited<ReturnType<typeof stat>> & { mtime: Date; mtimeMs: number }> {
  const info = await stat(local).catch(() => undefined);
  if (!info?.isFile()) throw missing('The file being accessed is not found.');
  return info;
}

/** Any method on `/api/2.0/fs/directories{path}`. */
export async function serveDirectory(
  surroundings: Surroundings,
  encoded: string,
  request: FileRequest,
): Promise<Answer> {
  const path = checkedPath(surroundings, encoded, request.method);
  const local = surroundings.volumes.local(path);
  switch (request.method) {
    case 'PUT':
      await mkdir(local, { recursive: true }).catch(() => {
        throw new ApiFailure(409, 'ALREADY_EXISTS', { message: 'A file of this name already exists.' });
      });
      return { status: 204 };
    case 'GET':
      return list(local, path, request.url);
    case 'HEAD':
      await directoryEntries(local, path);
      if (
        path.segments.length === 0 &&
        surroundings.switches.emptyVolumeHead404 &&
        (await readdir(local)).length === 0
      )
        throw missing('The directory being accessed is not found.');
      return { status: 200, headers: { 'content-type': 'application/json', 'content-length': '0' } };
    case 'DELETE':
      return removeDirectory(local, path);
    default:
      throw new ApiFailure(405, 'METHOD_NOT_ALLOWED', {
        message: `${request.method} is not supported here.`,
      });
  }
}

async function directoryEntries(local: string, path: VolumePath): Promise<string[]> {
  const entries = await readdir(local).catch(() => undefined);
  if (!entries) throw missing(`The directory being accessed is not found: ${path.segments.join('/')}.`);
  return entries.filter((name) => !name.endsWith('.partial')).sort();
}

async function list(local: string, path: VolumePath, url: URL): Promise<Answer> {
  const asked = Number(url.searchParams.get('page_size') ?? maxPage);
  if (!Number.isInteger(asked) || asked < 0) throw badRequest('page_size must be a positive integer.');
  const size = Math.min(asked || maxPage, maxPage);
  const names = await directoryEntries(local, path);
  const { items, ...next } = page(names, { size, token: url.searchParams.get('page_token') });
  const folder = `/Volumes/${[path.catalog, path.schema, path.volume, ...path.segments].join('/')}`;
  const contents = await Promise.all(
    items.map(async (name) => {
      const info = await stat(join(local, name));
      const common = { path: `${folder}/${name}`, name, is_directory: info.isDirectory() };
      const size = info.isDirectory() ? {} : { file_size: info.size };
      return { ...common, ...size, last_modified: Math.floor(info.mtimeMs) };
    }),
  );
  return json(200, { ...(contents.length > 0 ? { contents } : {}), ...next });
}

async function removeDirectory(local: string, path: VolumePath): Promise<Answer> {
  if (path.segments.length === 0) throw badRequest('The root of a volume cannot be deleted.');
  if ((await directoryEntries(local, path)).length > 0)
    throw new ApiFailure(400, 'BAD_REQUEST', {
      message: 'The directory being accessed is not empty.',
      reason: 'FILES_API_DIRECTORY_IS_NOT_EMPTY',
    });
  await rmdir(local);
  return { status: 204 };
}

function missing(message: string): ApiFailure {
  return new ApiFailure(404, 'NOT_FOUND', { message, reason: 'FILES_API_RESOURCE_NOT_FOUND' });
}

const reading = new Set(['GET', 'HEAD']);

/** The volume path of a URL, once the volume exists and the privilege is there. */
function checkedPath({ model, grants }: Surroundings, encoded: string, method: string): VolumePath {
  const path = volumePath(encoded.split('/').map(decoded).join('/'));
  if (!path)
    throw new ApiFailure(400, 'BAD_REQUEST', {
      message: 'Invalid path: expected /Volumes/<catalog>/<schema>/<volume>/...',
    });
  const name = `${path.catalog}.${path.schema}.${path.volume}`;
  if (path.catalog !== model.name || !model.volume(path.schema, path.volume))
    throw missing(`Volume '${name}' does not exist.`);
  const privilege: Privilege = reading.has(method) ? 'READ VOLUME' : 'WRITE VOLUME';
  const lacking = grants.missing(privilege, name);
  if (lacking)
    throw new ApiFailure(403, 'PERMISSION_DENIED', {
      message: `User does not have ${lacking.privilege} on ${lacking.kind} '${lacking.name}'.`,
    });
  return path;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiFailure(400, 'BAD_REQUEST', { message: 'Invalid path: a percent sign must be encoded.' });
  }
}
