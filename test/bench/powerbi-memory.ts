// The most memory that the bundled `destination-powerbi write` holds, with the emulator in another process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { startPowerBi } from '../emulators/powerbi/index.ts';
import { bytesOf } from './baseline.ts';
import { catalog, writeInvoices } from './staging.ts';

const program = fileURLToPath(new URL('../../destination-powerbi/dist/main.js', import.meta.url));

/** Four rows an invoice: itself and three lines. */
const rowsPerInvoice = 4;

const deliveries = {
  push: { mode: 'push', dataset_name: 'Finance', min_interval_seconds: 0 },
  open_mirroring: { mode: 'open_mirroring', database_name: 'Finance', replication_wait_minutes: 0 },
} as const;

/**
 * MiB at the peak of a first load, and of a second run in which nothing changed. Fewer rows than the million an hour that
 * the quota allows: time is real here. Linux only: the peak is read from /proc.
 */
export async function measureMemory(
  mode: keyof typeof deliveries,
  { rows = 300_000 }: { readonly rows?: number } = {},
): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const emulator = await startPowerBi({ clock: systemClock, keepBodies: false });
  try {
    const file = join(folder, 'invoices.jsonl');
    await writeInvoices(file, Math.ceil(rows / rowsPerInvoice));
    const { login, powerBi, fabric, oneLake } = emulator.endpoints;
    const config = {
      tenant_id: emulator.tenantId,
      client_id: emulator.clientId,
      client_secret: emulator.clientSecret,
      workspace_id: emulator.workspaceId,
      delivery: deliveries[mode],
      replica_folder: join(folder, 'replica'),
      working_folder: folder,
      endpoints: { login, api: powerBi, fabric, onelake: oneLake },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await writeFile(join(folder, 'catalog.json'), JSON.stringify(catalog));
    const peaks: number[] = [];
    for (let run = 0; run < 2; run += 1) peaks.push(await peakOf(folder, file));
    return peaks;
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function peakOf(folder: string, file: string): Promise<number> {
  const places = ['--config', join(folder, 'config.json'), '--catalog', join(folder, 'catalog.json')];
  const child = spawn(process.execPath, [program, 'write', ...places], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  bytesOf(file).pipe(child.stdin);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, highWater(child.pid));
  }, 100);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`destination-powerbi ended with code ${code}`);
  return peak;
}

/** MiB; 0 when the process is gone. */
function highWater(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
