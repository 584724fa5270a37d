// The suite every destination passes, through SQL Runner: the Looker emulator in front of a real PostgreSQL.
import { join } from 'node:path';
import destination from '../../destination-looker/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { fastClock } from '../emulators/clock.ts';
import { startLooker } from '../emulators/looker/index.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { livingRows } from './instance.ts';

describeDestination({
  destination,
  open: async () => {
    const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
    const postgres = await startPostgres();
    const looker = await startLooker({ clock, postgres, connectionRole: 'writer' });
    const { clientId: client_id, clientSecret: client_secret } = looker.credentials;
    return {
      clock,
      faults: looker.faults,
      config: {
        mode: 'sql_runner',
        looker: { base_url: looker.url, client_id, client_secret, connection: looker.connection },
        schema: 'finance',
        names: 'snake_case',
        reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
      },
      rows: (table) => livingRows(postgres, table),
      close: async () => {
        await looker.close();
        await postgres.close();
      },
    };
  },
  refused: [
    {
      name: 'a wrong key',
      change: (config) => ({ ...config, looker: { ...(config.looker as object), client_secret: 'wrong' } }),
      words: /no such API key \(404\), check "looker.client_id", "looker.client_secret"/,
    },
    {
      name: 'a connection that is not there',
      change: (config) => ({ ...config, looker: { ...(config.looker as object), connection: 'nowhere' } }),
      words: /find the connection "nowhere".*wrong name, a bad key or a missing permission/,
    },
    {
      name: 'a mode without its settings',
      change: ({ looker: _, ...config }) => config,
      words: /"looker" is missing/,
    },
  ],
});
