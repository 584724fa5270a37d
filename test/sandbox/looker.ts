// Looker in the sandbox: an instance in front of a PostgreSQL of its own, with a LookML project kept in git.
import { type LookerEmulator, startLooker } from '../emulators/looker/index.ts';
import { type Postgres, startPostgres } from '../emulators/postgres/index.ts';
import type { Product, ProductOptions } from './product.ts';

export interface LookerSandbox extends LookerEmulator {
  /** The warehouse that Looker models. */
  readonly postgres: Postgres;
}

export const lookerSchema = 'ledger';
const project = 'ledgerpipe';

export async function openLooker({
  clock,
  port,
}: ProductOptions): Promise<Product<LookerSandbox, 'destination-looker'>> {
  const postgres = await startPostgres();
  const looker = await startLooker({ clock, postgres, ...port });
  return {
    emulator: { ...looker, postgres },
    connector: 'destination-looker',
    config: {
      mode: 'warehouse',
      schema: lookerSchema,
      warehouse: {
        kind: 'postgres',
        host: postgres.host,
        port: postgres.port,
        database: postgres.database,
        ...postgres.writer,
        ssl_mode: 'disable',
        reader: postgres.reader.user,
      },
      looker: {
        base_url: looker.url,
        client_id: looker.credentials.clientId,
        client_secret: looker.credentials.clientSecret,
        connection: looker.connection,
      },
      model: { project, git_remote: looker.gitUrl(project), deploy: 'webhook' },
    },
    close: async () => {
      await looker.close();
      await postgres.close();
    },
  };
}
