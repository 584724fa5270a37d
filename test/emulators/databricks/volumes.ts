// Volumes as folders on disk: paths in and out of `/Volumes/...`, and which files a glob or a directory means.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogModel } from './model.ts';

export interface VolumePath {
  readonly catalog: string;
  readonly schema: string;
  readonly volume: string;
  /** Below the volume; empty for its root. */
  readonly segments: readonly string[];
}

export interface Volumes {
  /** The folder that stands for `/Volumes`. */
  readonly root: string;
  create(schema: string, volume: string): void;
  remove(schema: string, volume: string): void;
  /** Where a path lies on disk. */
  local(path: VolumePath): string;
  /** Files a reading means, as local paths, sorted; undefined when nothing matches at all. */
  match(path: VolumePath): string[] | undefined;
  /** Every file there is, as `/Volumes/...`. */
  files(): string[];
}

/** The parts of `/Volumes/c/s/v/...` or `dbfs:/Volumes/...`; undefined for any other path. */
export function volumePath(text: string): VolumePath | undefined {
  const found = /^(?:dbfs:)?\/Volumes\/([^/]+)\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(text);
  if (!found) return undefined;
  const [, catalog = '', schema = '', volume = '', rest = ''] = found;
  const segments = rest.split('/').filter((segment) => segment !== '');
  if (segments.includes('..') || segments.includes('.')) return undefined;
  return {
    catalog: catalog.toLowerCase(),
    schema: schema.toLowerCase(),
    volume: volume.toLowerCase(),
    segments,
  };
}

export function openVolumes(root: string, model: CatalogModel): Volumes {
  const folder = (schema: string, volume: string): string =>
    join(root, model.name, schema.toLowerCase(), volume.toLowerCase());
  return {
    root,
    create: (schema, volume) => void mkdirSync(folder(schema, volume), { recursive: true }),
    remove: (schema, volume) => rmSync(folder(schema, volume), { recursive: true, force: true }),
    local: ({ catalog, schema, volume, segments }) => join(root, catalog, schema, volume, ...segments),
    match: ({ catalog, schema, volume, segments }) => {
      const found = expand([join(root, catalog, schema, volume)], segments);
      if (found.length === 0) return undefined;
      return found.flatMap((path) => filesBelow(path)).sort();
    },
    files: () =>
      allFiles(root)
        .map((path) => `/Volumes${path.slice(root.length)}`)
        .sort(),
  };
}

/** Readers skip what starts with `_` or `.`, as Spark does. */
function hidden(name: string): boolean {
  return name.startsWith('_') || name.startsWith('.');
}

/** Walks one path segment after the other; a segment with wildcards may lead to several places. */
function expand(places: readonly string[], segments: readonly string[]): string[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) return places.filter((place) => existsSync(place));
  const next = places.flatMap((place) => {
    if (!/[*?[{]/.test(segment)) return [join(place, segment)];
    if (!existsSync(place) || !statSync(place).isDirectory()) return [];
    const pattern = globPattern(segment);
    return readdirSync(place)
      .filter((name) => pattern.test(name) && !hidden(name))
      .map((name) => join(place, name));
  });
  return expand(next, rest);
}

/** `*`, `?`, `[a-z]`, `{a,b}` within one segment. */
export function globPattern(glob: string): RegExp {
  let depth = 0;
  const body = glob.replace(/\[[^\]]*\]|[*?{},.+^$()|\\]/g, (character) => {
    if (character.startsWith('[')) return character.replace('[!', '[^');
    if (character === '*') return '.*';
    if (character === '?') return '.';
    if (character === '{') depth += 1;
    if (character === '{') return '(?:';
    if (character === '}' && depth > 0) depth -= 1;
    if (character === '}') return ')';
    if (character === ',') return depth > 0 ? '|' : ',';
    return `\\${character}`;
  });
  return new RegExp(`^${body}$`);
}

function filesBelow(path: string): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!statSync(path).isDirectory()) return hidden(name) ? [] : [path];
  return readdirSync(path)
    .filter((entry) => !hidden(entry))
    .flatMap((entry) => filesBelow(join(path, entry)));
}

function allFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? allFiles(path) : [path];
  });
}
