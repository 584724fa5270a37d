// The files of OneLake: paths under a workspace, appended to, flushed, renamed; nothing is read before it is flushed.
import { randomUUID } from 'node:crypto';

export interface StoredFile {
  readonly content: Buffer;
  /** Bytes appended and not flushed yet. */
  readonly pending: Buffer;
  /** When it came to lie where it lies, ms since the epoch. */
  readonly landedAt: number;
  readonly etag: string;
}

export class Storage {
  /** By path from the workspace on: `{item}/Files/...`; undefined is a directory. */
  readonly #entries = new Map<string, StoredFile | undefined>();
  readonly #workspace: string;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  get workspace(): string {
    return this.#workspace;
  }

  file(path: string): StoredFile | undefined {
    return this.#entries.get(path);
  }

  isDirectory(path: string): boolean {
    return this.#entries.has(path) && this.#entries.get(path) === undefined;
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** Directories above come into being with it. */
  makeDirectory(path: string): void {
    const parts = path.split('/');
    for (const [index] of parts.entries()) {
      const at = parts.slice(0, index + 1).join('/');
      if (!this.#entries.has(at)) this.#entries.set(at, undefined);
    }
  }

  write(
    path: string,
    { content, pending, at }: { content: Buffer; pending: Buffer; at: number },
  ): StoredFile {
    this.makeDirectory(path.split('/').slice(0, -1).join('/'));
    const file = {
      content,
      pending,
      landedAt: at,
      etag: `"0x${randomUUID().replaceAll('-', '').slice(0, 15)}"`,
    };
    this.#entries.set(path, file);
    return file;
  }

  /** Moves a file, or a directory with all that is in it. */
  rename(from: string, to: string, at: number): void {
    const moved = [...this.#entries].filter(([path]) => path === from || path.startsWith(`${from}/`));
    for (const [path] of moved) this.#entries.delete(path);
    this.makeDirectory(to.split('/').slice(0, -1).join('/'));
    for (const [path, file] of moved)
      this.#entries.set(`${to}${path.slice(from.length)}`, file && { ...file, landedAt: at });
  }

  remove(path: string): void {
    for (const one of [...this.#entries.keys()])
      if (one === path || one.startsWith(`${path}/`)) this.#entries.delete(one);
  }

  /** What lies in a directory, at any depth if asked; in order of names. */
  list(
    directory: string,
    recursive: boolean,
  ): { readonly path: string; readonly file: StoredFile | undefined }[] {
    const prefix = directory === '' ? '' : `${directory}/`;
    return [...this.#entries]
      .filter(([path]) => path.startsWith(prefix) && (recursive || !path.slice(prefix.length).includes('/')))
      .map(([path, file]) => ({ path, file }))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
  }
}
