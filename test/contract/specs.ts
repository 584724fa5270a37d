// The vendors' official files: where they are, and what a test does without them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { parse } from 'yaml';

/** Folder of the official specification files, given by SPECS_DIR; without it the contract tests are skipped. */
const folder = process.env.SPECS_DIR;

export const specsAreThere = folder !== undefined && existsSync(folder);

/** A test that needs the official files: skipped without SPECS_DIR, and said so in the report. */
export const contractTest = test.skipIf(!specsAreThere);

/** The parsed file (YAML or JSON). YAML timestamps and octal-looking codes stay text. */
export function readSpec(name: string): unknown {
  if (!folder) throw new Error('SPECS_DIR is not set');
  return parse(readFileSync(join(folder, name), 'utf8'), { schema: 'core', maxAliasCount: -1 });
}
