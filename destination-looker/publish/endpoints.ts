// The file endpoints that Looker has not documented, used by Google's own tools: only where the setting asks for them.
import { createHash } from 'node:crypto';
import { pathOf } from '../api.ts';
import { type ModelFile, marker } from '../model/index.ts';
import { viewsLost } from './directory.ts';
import { type Publication, say } from './steps.ts';

/**
 * Writes what changed into the development workspace, by what an index file there says of the last time: reading
 * every file would cost a call each. Tells the paths written or removed, or the views because of
 * which nothing was.
 */
export async function writeByEndpoints(
  publication: Publication,
  { project, files }: { readonly project: string; readonly files: readonly ModelFile[] },
): Promise<{ readonly changed: readonly string[]; readonly kept: readonly string[] }> {
  const { name, shrink } = publication.settings;
  const indexPath = `${name}/generated.md`;
  const before = readIndex(await contentAt(publication, { project, path: indexPath }));
  const after = new Map(files.map(({ path, content }) => [path, digestOf(content)]));
  const kept = viewsLost([...before.keys()], files, { shrink });
  if (kept.length > 0) return { changed: [], kept };
  const changed = files.filter(({ path }) => before.get(path) !== after.get(path));
  const gone = [...before.keys()].filter((path) => !after.has(path));
  if (changed.length + gone.length === 0) return { changed: [], kept };
  await makeFolders(publication, { project, folders: foldersOf(files) });
  for (const file of changed) await write(publication, { project, file, isNew: !before.has(file.path) });
  for (const path of gone) await remove(publication, { project, path });
  const index = { path: indexPath, content: indexOf(after) };
  await write(publication, { project, file: index, isNew: before.size === 0 });
  await say(
    publication,
    'INFO',
    `Wrote ${changed.length} and removed ${gone.length} files of the LookML project "${project}"`,
  );
  return { changed: [...changed.map(({ path }) => path), ...gone], kept };
}

/** Commits the development workspace and deploys it. A commit of nothing is refused, which is as good. */
export async function deployWorkspace(publication: Publication, project: string): Promise<void> {
  const place = pathOf('projects', project);
  const common = {
    method: 'POST',
    workspace: 'dev',
    repeatable: true,
    signal: publication.context.signal,
  } as const;
  await publication.api.call({
    ...common,
    path: `${place}/commit`,
    body: { message: 'Ledgerpipe: generated files' },
    purpose: `commit the LookML project "${project}"`,
    accept: [400, 404, 409, 422],
  });
  await publication.api.call({
    ...common,
    path: `${place}/deploy_to_production`,
    purpose: `deploy the LookML project "${project}" (permission "deploy")`,
    slow: true,
  });
}

interface Place {
  readonly project: string;
  readonly path: string;
}

async function contentAt({ api, context }: Publication, { project, path }: Place): Promise<string> {
  const response = await api.call({
    method: 'GET',
    path: `${pathOf('projects', project)}/file/content`,
    query: { file_path: path },
    workspace: 'dev',
    purpose: `read "${path}" of the LookML project "${project}"`,
    accept: [404],
    signal: context.signal,
  });
  return response.status === 404 ? '' : response.text();
}

/** Creates or updates: which of the two is a guess where somebody deleted a file by hand. */
async function write(
  { api, context }: Publication,
  { project, file, isNew }: { project: string; file: ModelFile; isNew: boolean },
): Promise<void> {
  const call = (method: 'POST' | 'PUT', accept: readonly number[]) =>
    api.call({
      method,
      path: `${pathOf('projects', project)}/files`,
      body: { path: file.path, content: file.content },
      workspace: 'dev',
      purpose: `write "${file.path}" of the LookML project "${project}" (permission "develop")`,
      accept,
      repeatable: true,
      signal: context.signal,
    });
  const first = await call(isNew ? 'POST' : 'PUT', [400, 404, 409, 422]);
  if (first.status >= 300) await call(isNew ? 'PUT' : 'POST', []);
}

async function remove({ api, context }: Publication, { project, path }: Place): Promise<void> {
  await api.call({
    method: 'DELETE',
    path: `${pathOf('projects', project)}/files`,
    query: { file_path: path },
    workspace: 'dev',
    purpose: `remove "${path}" from the LookML project "${project}"`,
    accept: [404],
    signal: context.signal,
  });
}

/** Instances before 26.2 have no such call, and make folders by themselves; folders that are there are no news. */
async function makeFolders(
  { api, context }: Publication,
  { project, folders }: { project: string; folders: readonly string[] },
): Promise<void> {
  for (const path of folders)
    await api.call({
      method: 'POST',
      path: `${pathOf('projects', project)}/directories`,
      body: { path },
      workspace: 'dev',
      purpose: `make folder "${path}" in the LookML project "${project}"`,
      accept: [400, 404, 405, 409, 422],
      repeatable: true,
      signal: context.signal,
    });
}

const foldersOf = (files: readonly ModelFile[]): readonly string[] =>
  [...new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/')))].filter(Boolean).sort();

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 16);

const indexOf = (digests: ReadonlyMap<string, string>): string =>
  [marker, '', ...[...digests].map(([path, digest]) => `- ${digest} ${path}`), ''].join('\n');

const readIndex = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, digest, path] = /^- ([0-9a-f]{16}) (\S+)$/.exec(line) ?? [];
      return digest && path ? [[path, digest] as const] : [];
    }),
  );
