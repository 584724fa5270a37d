// The bundled connectors under the names by which foreign programs start them.
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

const bundles = {
  'source-xero': 'source-xero',
  'source-quickbooks': 'source-quickbooks',
  'destination-databricks': 'destination-databricks',
  'tap-xero': 'source-xero',
  'tap-quickbooks': 'source-quickbooks',
  'target-databricks': 'destination-databricks',
} as const;

export type ProgramName = keyof typeof bundles;

/** Links all names into `folder`, which is made, and gives their paths. */
export async function linkPrograms(folder: string): Promise<Readonly<Record<ProgramName, string>>> {
  await mkdir(folder, { recursive: true });
  const linked = Object.entries(bundles).map(async ([name, connector]) => {
    const path = join(folder, name);
    await symlink(join(root, connector, 'dist/main.js'), path);
    return [name, path] as const;
  });
  return Object.fromEntries(await Promise.all(linked)) as Record<ProgramName, string>;
}
