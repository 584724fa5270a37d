// The suite every destination passes, with the Databricks emulator behind it.
import { join } from 'node:path';
import destination from '../../destination-databricks/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { fastClock } from '../emulators/clock.ts';
import { startDatabricks } from '../emulators/databricks/index.ts';
import { temporaryFolder } from '../program.ts';

const stagingColumn = /^_(airbyte_|row_hash$|job_id$|batch_id$|deleted_at$|position$)/;

describeDestination({
  destination,
  open: async () => {
    const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
    const emulator = await startDatabricks({ clock });
    const { clientId, clientSecret } = emulator.credentials;
    return {
      clock,
      faults: emulator.faults,
      config: {
        host: emulator.url,
        warehouse_id: emulator.warehouseId,
        authentication: { auth_type: 'oauth_m2m', client_id: clientId, client_secret: clientSecret },
        catalog: emulator.catalog,
        schema: 'finance',
        names: 'snake_case',
        reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
      },
      rows: async (table) => {
        const schema = `"${emulator.catalog}"."finance"`;
        const there = await emulator.query(
          `SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = 'finance' AND table_name = '${table}'`,
        );
        if (there.length === 0) return [];
        const rows = await emulator.query(`SELECT * FROM ${schema}."${table}" WHERE _deleted_at IS NULL`);
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).filter(([name]) => !stagingColumn.test(name))),
        );
      },
      close: () => emulator.close(),
    };
  },
  refused: [
    {
      name: 'a wrong secret',
      change: (config) => ({
        ...config,
        authentication: { auth_type: 'oauth_m2m', client_id: 'me', client_secret: 'wrong' },
      }),
      words: /correct the client id and secret/,
    },
    {
      name: 'a catalog that is not there',
      change: (config) => ({ ...config, catalog: 'nowhere' }),
      words: /check the setting "catalog"/,
    },
    {
      name: 'a warehouse that is not there',
      change: (config) => ({ ...config, warehouse_id: 'ffff' }),
      words: /check its name in the settings/,
    },
  ],
});
