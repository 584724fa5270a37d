// The suite every destination passes, with the Tableau emulator and a real hyperd behind it.
import { join } from 'node:path';
import destination from '../../destination-tableau/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { fastClock } from '../emulators/clock.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';
import { startTableau } from '../emulators/tableau/index.ts';
import { temporaryFolder } from '../program.ts';

const stagingColumn = /^_(airbyte_|row_hash$|job_id$|batch_id$|deleted_at$|position$)/;

describeDestination({
  destination,
  open: async () => {
    // Fast enough for pauses between attempts; any faster, and jobs are asked for dozens of times while hyperd works.
    const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 100 });
    const emulator = await startTableau({ clock });
    const { pat, site, url } = emulator.config;
    return {
      clock,
      faults: emulator.faults,
      config: {
        server: url,
        site,
        credentials: { auth_type: 'pat', token_name: pat.name, token_secret: pat.secret },
        hyperd_path: await findHyperd(),
        names: 'snake_case',
        reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
      },
      rows: async (table) => {
        const [source] = emulator.sources();
        if (!source) return [];
        const rows = await emulator.rows(source.id, table).catch((error: Error) => {
          if (/Cannot tell which table/.test(error.message)) return [];
          throw error;
        });
        const plain = rows.map((row) =>
          Object.fromEntries(Object.entries(row).filter(([name]) => !stagingColumn.test(name))),
        );
        // The rows of a .hyper file have no order.
        return plain.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
      },
      close: () => emulator.close(),
    };
  },
  refused: [
    {
      name: 'a wrong token',
      change: (config) => ({
        ...config,
        credentials: { auth_type: 'pat', token_name: 'ledgerpipe', token_secret: 'wrong' },
      }),
      words: /check name and secret of the token.*expired/,
    },
    {
      name: 'a project that is not there',
      change: (config) => ({ ...config, project: 'Finance/Nowhere' }),
      words: /there is no "Finance".*correct the setting "project"/,
    },
    {
      name: 'a hyperd that is not there',
      change: (config) => ({ ...config, hyperd_path: '/nowhere/hyperd' }),
      words: /correct "hyperd_path"/,
    },
  ],
});
