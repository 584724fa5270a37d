// How fast `destination-databricks write` takes lines, against the bare loop; the emulator stores, and runs no SQL.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfiguredCatalog } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { startDatabricks } from '../emulators/databricks/index.ts';
import { bytesOf } from './baseline.ts';

export interface WriteRun {
  readonly seconds: number;
  readonly peakMebibytes: number;
  readonly statements: number;
}

const program = fileURLToPath(new URL('../../destination-databricks/dist/main.js', import.meta.url));

/** Runs the bundled program over the lines of `file` once. Linux only: its peak memory is read from /proc. */
export async function timeWrite(
  file: string,
  { catalog, folder }: { catalog: ConfiguredCatalog; folder: string },
): Promise<WriteRun> {
  const emulator = await startDatabricks({
    clock: systemClock,
    execute: false,
    switches: { discardUploads: true },
  });
  try {
    const config = join(folder, 'destination.json');
    await writeFile(
      config,
      JSON.stringify({
        host: emulator.url,
        http_path: emulator.httpPath,
        catalog: emulator.catalog,
        schema: 'bench',
        authentication: { auth_type: 'token', personal_access_token: emulator.credentials.token },
      }),
    );
    const catalogFile = join(folder, 'catalog.json');
    await writeFile(catalogFile, JSON.stringify(catalog));
    const run = await timeProgram(['write', '--config', config, '--catalog', catalogFile], file);
    return { ...run, statements: emulator.statements.length };
  } finally {
    await emulator.close();
  }
}

async function timeProgram(args: readonly string[], file: string): Promise<Omit<WriteRun, 'statements'>> {
  const began = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  bytesOf(file).pipe(child.stdin);
  let peakMebibytes = 0;
  const watch = setInterval(() => {
    peakMebibytes = Math.max(peakMebibytes, peakOf(child.pid));
  }, 100);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`destination-databricks ended with code ${code}`);
  return { seconds: (performance.now() - began) / 1000, peakMebibytes };
}

/** The most memory the process has held so far, in MiB; 0 when it is gone. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
