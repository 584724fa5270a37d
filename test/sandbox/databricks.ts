// Databricks in the sandbox: a workspace with a SQL warehouse, and a service principal.
import { type DatabricksEmulator, startDatabricks } from '../emulators/databricks/index.ts';
import type { Product, ProductOptions } from './product.ts';

export async function openDatabricks({
  clock,
  port,
  execute,
}: ProductOptions): Promise<Product<DatabricksEmulator, 'destination-databricks'>> {
  const databricks = await startDatabricks({ clock, execute, ...port });
  return {
    emulator: databricks,
    connector: 'destination-databricks',
    config: {
      host: databricks.url,
      http_path: databricks.httpPath,
      catalog: databricks.catalog,
      schema: 'ledger',
      authentication: {
        auth_type: 'oauth_m2m',
        client_id: databricks.credentials.clientId,
        client_secret: databricks.credentials.clientSecret,
      },
    },
    close: () => databricks.close(),
  };
}
