// The mode of open mirroring: what changed goes to the landing zone, and the status of replication is the receipt.
import { configError, type Declaration } from '@airbyte/cdk-typescript-shim';
import { tableStatuses } from '../api/fabric.ts';
import type { Carrier } from '../carry.ts';
import type { Run } from '../run.ts';
import type { MirrorMode } from '../spec.ts';
import { take } from '../take.ts';
import { openMirror } from './open.ts';
import { layDown } from './send.ts';
import type { MirrorSession } from './session.ts';

/** Files are taken whole. */
const none: ReadonlyMap<string, number> = new Map();

export async function openMirrorCarrier(
  run: Run,
  mode: MirrorMode,
  declared: readonly Declaration[],
): Promise<Carrier> {
  const session = await openMirror(run, mode, declared);
  return {
    take: (segment) => take({ store: session.store, tables: session.tables }, segment),
    async flush() {
      const laid = new Map<string, number>();
      const began = run.context.clock.now();
      for (const table of session.tables) {
        const rows = await layDown(session, table);
        if (rows > 0) laid.set(table.name, rows);
      }
      if (laid.size > 0) await watch(session, laid, began);
      return none;
    },
    close: () => session.store.close(),
  };
}

/** A look every so often, in milliseconds: about 45 s pass between a file and its rows. */
const pause = 15_000;

/**
 * Waits until every table says that it was synchronised after `began`. A table that failed is an error; one that takes
 * longer than the setting allows is told of, for its file is safe in the landing zone.
 */
async function watch(
  { run, workspace, database, schema, mode }: MirrorSession,
  laid: ReadonlyMap<string, number>,
  began: number,
): Promise<void> {
  const { clock, signal } = run.context;
  const until = clock.now() + (mode.replication_wait_minutes ?? 10) * 60_000;
  for (let waiting = [...laid.keys()]; ; ) {
    const statuses = new Map(
      (await tableStatuses(run.api, workspace, database))
        .filter(({ sourceSchemaName }) => sourceSchemaName === schema)
        .map((status) => [status.sourceTableName ?? '', status]),
    );
    for (const name of waiting) {
      const { status, error } = statuses.get(name) ?? {};
      if (status === 'Failed')
        throw configError(
          `Cannot replicate table "${name}": Fabric says "${error?.message ?? 'Failed'}", look at the mirrored database in Fabric`,
          { detail: JSON.stringify(statuses.get(name)) },
        );
    }
    waiting = waiting.filter((name) => {
      const { status, metrics } = statuses.get(name) ?? {};
      return status !== 'Replicating' || Date.parse(metrics?.lastSyncDateTime ?? '') < began;
    });
    if (waiting.length === 0) {
      const tables = Object.fromEntries(
        [...laid].map(([name, rows]) => [name, { rows, ...statuses.get(name)?.metrics }]),
      );
      return await run.log('INFO', JSON.stringify({ event: 'replicated', database, tables }));
    }
    if (clock.now() >= until)
      return await run.log(
        'WARN',
        `Not replicated yet: ${waiting.map((name) => `"${name}"`).join(', ')}; the files are in the landing zone`,
      );
    await clock.sleep(pause, signal);
  }
}
