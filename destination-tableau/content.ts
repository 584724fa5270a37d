// The present rows of a data source, as a .hyper file on this machine.
import { join } from 'node:path';
import { type DataSource, download } from './api/data-sources.ts';
import { unpackHyper } from './hyper/unpack.ts';
import type { Run, Target } from './run.ts';

/** Downloads the source and gives the path of its file. */
export async function contentOf(run: Run, { site }: Target, { id }: DataSource): Promise<string> {
  const path = join(run.folder, `${id}-${run.sequence()}.hyper`);
  await unpackHyper(await download(site, id, run.context.signal), path);
  return path;
}
