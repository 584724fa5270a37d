// Tableau in the sandbox: a site of Tableau Cloud with one personal access token, and hyperd for the connector.
import { findHyperd } from '../emulators/hyperd/index.ts';
import { startTableau, type TableauEmulator } from '../emulators/tableau/index.ts';
import type { Product, ProductOptions } from './product.ts';

export async function openTableau({
  clock,
  port,
}: ProductOptions): Promise<Product<TableauEmulator, 'destination-tableau'>> {
  const tableau = await startTableau({ clock, ...port });
  return {
    emulator: tableau,
    connector: 'destination-tableau',
    config: {
      server: tableau.url,
      site: tableau.config.site,
      credentials: {
        auth_type: 'pat',
        token_name: tableau.config.pat.name,
        token_secret: tableau.config.pat.secret,
      },
      hyperd_path: await findHyperd(),
    },
    close: () => tableau.close(),
  };
}
