// Values that replace those of the file: what a login brought or a source rotated, kept sealed in the vault.
import { createHash } from 'node:crypto';
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Secrets } from '../store/contract.ts';
import type { PipelineSettings } from './contract.ts';
import { setAt, type Tree, valueAt } from './trees.ts';

/** One value that took another's place; once the person writes a third one, theirs counts. */
interface Rotation {
  readonly path: readonly string[];
  /** SHA-256 of what it replaced. */
  readonly replaced: string;
  readonly value: unknown;
}

/** Name of the secret that holds the rotations of the run's connection. */
export const secretOf = ({ connection }: Pick<PipelineSettings, 'connection'>): string =>
  `config:${connection}`;

/** `written` with the values that came since, except where the person has changed theirs. */
export async function withRotations(secrets: Secrets, name: string, written: Tree): Promise<Tree> {
  const kept = await secrets.get(name);
  const current = structuredClone(written) as Record<string, unknown>;
  for (const { path, replaced, value } of (kept ?? []) as readonly Rotation[])
    if (hash(valueAt(written, path)) === replaced) setAt(current, path, value);
  return current;
}

/** Remembers what `rotated`, the complete configuration, changed against the one that the person wrote. */
export async function keepRotations(
  secrets: Secrets,
  name: string,
  { written, rotated }: { readonly written: Tree; readonly rotated: Tree },
): Promise<void> {
  const rotations: readonly Rotation[] = changes(written, rotated, []).map((path) => ({
    path,
    replaced: hash(valueAt(written, path)),
    value: valueAt(rotated, path),
  }));
  await secrets.put(name, rotations);
}

const hash = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');

/** Paths of the leaves in which two configurations differ. */
function changes(before: unknown, after: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      changes(before[name], after[name], [...path, name]),
    );
  return hash(before) === hash(after) ? [] : [path];
}
