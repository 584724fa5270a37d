// The files of the SFTP emulator: a tree in memory, with the few operations the protocol has for it.
import { posix } from 'node:path';

export class Files {
  readonly #files = new Map<string, Buffer>();
  readonly #folders = new Set<string>(['/']);

  get all(): ReadonlyMap<string, Buffer> {
    return this.#files;
  }

  isFolder(path: string): boolean {
    return this.#folders.has(absolute(path));
  }

  get(path: string): Buffer | undefined {
    return this.#files.get(absolute(path));
  }

  /** False when its folder is not there. */
  put(path: string, content: Buffer): boolean {
    if (!this.isFolder(posix.dirname(absolute(path)))) return false;
    this.#files.set(absolute(path), content);
    return true;
  }

  makeFolder(path: string): boolean {
    if (!this.isFolder(posix.dirname(absolute(path)))) return false;
    this.#folders.add(absolute(path));
    return true;
  }

  remove(path: string): boolean {
    return this.#files.delete(absolute(path));
  }

  /** As SFTP version 3: a name that is taken is refused, unless `replacing`. */
  rename(from: string, to: string, { replacing }: { readonly replacing: boolean }): boolean {
    const content = this.get(from);
    if (!content || (!replacing && this.get(to))) return false;
    this.#files.delete(absolute(from));
    return this.put(to, content);
  }

  names(folder: string): readonly string[] {
    const paths = [...this.#files.keys(), ...this.#folders];
    return paths
      .filter((path) => path !== '/' && posix.dirname(path) === absolute(folder))
      .map((path) => posix.basename(path));
  }
}

/** Relative paths start at the root, where everybody's home is. */
export const absolute = (path: string): string => posix.resolve('/', path);
