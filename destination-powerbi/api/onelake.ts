// Files of OneLake, by its DFS endpoint: written under a passing name, then renamed in one step.
import { type FileHandle, open } from 'node:fs/promises';
import { asConnectorError, isObject } from '@airbyte/cdk-typescript-shim';
import type { Api } from '../api.ts';

/** Bytes of one append: the service takes 100 MB, memory is dearer. */
const partBytes = 8 * 1024 * 1024;

/** Times that a whole upload is tried: an append cannot be repeated by itself. */
const attempts = 5;

/** A folder: workspace and item first. */
export interface Folder {
  readonly workspace: string;
  /** Below the workspace, without slashes at the ends. */
  readonly path: string;
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
const urlOf = ({ addresses }: Api, { workspace }: Folder, path: string): string =>
  `${addresses.onelake}/${encodeURIComponent(workspace)}/${encoded(path)}`;

/** Writes a file, replacing one of that name. */
export async function putFile(
  api: Api,
  folder: Folder,
  { name, content }: { readonly name: string; readonly content: string | { readonly local: string } },
): Promise<void> {
  const path = `${folder.path}/${name}`;
  for (let attempt = 1; ; attempt += 1)
    try {
      await upload(api, urlOf(api, folder, path), content);
      return;
    } catch (error) {
      if (asConnectorError(error).kind !== 'transient' || attempt === attempts) throw error;
    }
}

async function upload(api: Api, url: string, content: string | { readonly local: string }): Promise<void> {
  const purpose = 'write a file to OneLake';
  await api.onelake({ method: 'PUT', url: `${url}?resource=file`, purpose });
  let position = 0;
  for await (const part of partsOf(content)) {
    await api.onelake({
      method: 'PATCH',
      url: `${url}?action=append&position=${position}`,
      body: part,
      purpose,
    });
    position += part.length;
  }
  // Flushing to the same length again changes nothing.
  await api.onelake({
    method: 'PATCH',
    url: `${url}?action=flush&position=${position}`,
    purpose,
    repeatable: true,
  });
}

async function* partsOf(content: string | { readonly local: string }): AsyncGenerator<Buffer> {
  if (typeof content === 'string') {
    yield Buffer.from(content);
    return;
  }
  const file: FileHandle = await open(content.local, 'r');
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(partBytes);
      const { bytesRead } = await file.read(part, 0, partBytes);
      if (bytesRead === 0) return;
      yield part.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Gives a file its name, which nobody may have yet. Asked again after a lost answer it finds its work done. */
export async function renameFile(
  api: Api,
  folder: Folder,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const source = new URL(urlOf(api, folder, `${folder.path}/${from}`)).pathname;
  const response = await api.onelake({
    method: 'PUT',
    url: urlOf(api, folder, `${folder.path}/${to}`),
    headers: { 'x-ms-rename-source': source, 'if-none-match': '*' },
    purpose: 'name a file in OneLake',
    accept: [404, 409, 412],
  });
  if (response.status < 300) return;
  const names = await listNames(api, folder);
  if (names?.some((name) => name.endsWith(`/${to}`)) && !names.some((name) => name.endsWith(`/${from}`)))
    return;
  throw asConnectorError(
    new Error(`Cannot name the file "${to}" in OneLake: answered ${response.status}, ${response.text()}`),
  );
}

/** Paths of everything in the folder, however deep; undefined when there is no such folder. */
export async function listNames(api: Api, folder: Folder): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  let continuation: string | undefined;
  do {
    const query = new URLSearchParams({
      resource: 'filesystem',
      recursive: 'true',
      directory: folder.path,
      ...(continuation ? { continuation } : {}),
    });
    const response = await api.onelake({
      method: 'GET',
      url: `${api.addresses.onelake}/${encodeURIComponent(folder.workspace)}?${query}`,
      purpose: 'list files in OneLake',
      accept: [404],
    });
    if (response.status === 404) return undefined;
    const body = response.json();
    const paths = isObject(body) && Array.isArray(body.paths) ? body.paths.filter(isObject) : [];
    found.push(...paths.map(({ name }) => String(name)));
    continuation = response.headers['x-ms-continuation'];
  } while (continuation);
  return found;
}

/** Deletes the folder and all in it; one that is gone is no error. */
export async function deleteFolder(api: Api, folder: Folder): Promise<void> {
  await api.onelake({
    method: 'DELETE',
    url: `${urlOf(api, folder, folder.path)}?recursive=true`,
    purpose: 'delete a folder in OneLake',
    accept: [404],
  });
}
