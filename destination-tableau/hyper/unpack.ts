// Takes the .hyper file out of what Tableau gives for a download: a .tdsx, which is a zip archive, or the bare file.
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ConnectorError, systemError } from '@airbyte/cdk-typescript-shim';
import { openPromise, type ZipFile } from 'yauzl';

/**
 * Writes the first .hyper file of the download at `from` to `path`; a bare one is moved there. Throws a system error
 * when there is none, or when the download is damaged or cut.
 */
export async function unpackHyper(from: string, path: string): Promise<void> {
  const head = await headOf(from);
  if (head === 'HyPe') return await rename(from, path);
  if (!head.startsWith('PK')) throw unreadable('it is neither a .hyper file nor an archive');
  try {
    const archive = await openPromise(from);
    try {
      await extract(archive, path);
    } finally {
      archive.close();
    }
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause;
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The first four bytes, as text. */
async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function extract(archive: ZipFile, path: string): Promise<void> {
  for await (const entry of archive.eachEntry()) {
    if (!entry.fileName.toLowerCase().endsWith('.hyper')) continue;
    // The stream fails when the entry has another size than the directory says.
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path, { mode: 0o600 }));
    return;
  }
  throw unreadable('it holds no .hyper file, so the extract was not included');
}

const unreadable = (why: string, cause?: unknown): Error =>
  systemError(`Cannot read the downloaded data source: ${why}, report it with the log`, { cause });
