// Tries hyperd out for `check`: whether it is there, starts, and makes a file of version 2.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import { makeFile } from './hyper/file.ts';
import type { Run } from './run.ts';

/** What it found; without hyperd, what cannot be done. Throws a config error when hyperd is there but of no use. */
export async function tryHyperd({ engine, folder, places }: Run): Promise<string> {
  if (!engine) {
    const routed = places.length > 1 ? ', tenants are told apart in whole tables only' : '';
    return `no hyperd: modes append and append_dedup can only publish a new data source, not update it; overwrite works, one data source per table${routed}; set "hyperd_path" for the rest`;
  }
  const path = join(folder, 'probe.hyper');
  const table = {
    name: 'probe',
    columns: [{ name: 'amount', type: 'numeric(18,4)', required: false }],
    key: [],
    links: [],
  };
  await engine.use((workbench) =>
    makeFile(workbench, {
      path,
      tables: [table],
      rowsOf: () => [{ columns: ['amount'], select: 'SELECT 12.5000' }],
    }),
  );
  const version = await versionOf(path);
  if (version !== 2)
    throw configError(
      `Cannot use hyperd: it made a file of version ${version} where 2 was asked for, take hyperd 0.0.23576 or newer`,
    );
  return 'hyperd makes .hyper files of version 2';
}

/** The file version follows ten bytes of magic ("Hyper database file format"). */
async function versionOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 10);
    return buffer.readUInt16LE(0);
  } finally {
    await file.close();
  }
}
