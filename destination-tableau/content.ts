// The present rows of a data source, as a .hyper file on this machine.
import { join } from 'node:path';
import { type DataSource, download } from './api/data-sources.ts';
import { unpackHyper } from './hyper/unpack.ts';
import type { Run, Target } from './run.ts';

/** Downloads the source and gives the path of its file; only pieces of it are ever in memory. */
export async function contentOf(run: Run, { site }: Target, { id }: DataSource): Promise<string> {
  const path = join(run.folder, `${id}-${run.sequence()}.hyper`);
  const packed = `${path}.tdsx`;
  for (let attempt = 1; ; attempt += 1) {
    await download(site, id, { path: packed, signal: run.context.signal });
    try {
      await unpackHyper(packed, path);
      return path;
    } catch (error) {
      // A gateway may end an answer early and say that this was all.
      if (attempt > 1) throw error;
    } finally {
      await run.discard(packed);
    }
  }
}
