// The suite every destination passes, with a real PostgreSQL behind it and a proxy that cuts connections.
import { join } from 'node:path';
import destination from '../../destination-looker/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { fastClock } from '../emulators/clock.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { livingRows, warehouseOf } from './instance.ts';

describeDestination({
  destination,
  open: async () => {
    const postgres = await startPostgres();
    const proxy = await startCuttingProxy(postgres);
    return {
      clock: fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 }),
      faults: proxy.faults,
      config: {
        mode: 'warehouse',
        warehouse: warehouseOf(postgres, proxy.port),
        schema: 'finance',
        names: 'snake_case',
        reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
      },
      rows: (table) => livingRows(postgres, table),
      close: async () => {
        await proxy.close();
        await postgres.close();
      },
    };
  },
  refused: [
    {
      name: 'a wrong password',
      change: (config) => ({ ...config, warehouse: { ...(config.warehouse as object), password: 'wrong' } }),
      words: /check "warehouse.user" and "warehouse.password"/,
    },
    {
      name: 'a database that is not there',
      change: (config) => ({
        ...config,
        warehouse: { ...(config.warehouse as object), database: 'nowhere' },
      }),
      words: /check "warehouse.database"/,
    },
    {
      name: 'a mode without its settings',
      change: ({ warehouse: _, ...config }) => config,
      words: /"warehouse" is missing/,
    },
  ],
});
