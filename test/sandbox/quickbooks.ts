// QuickBooks in the sandbox: a company for each set of books, and a consent to the first; a consent opens one company.
import { join } from 'node:path';
import { type QuickbooksEmulator, startQuickbooks, UNLIMITED } from '../emulators/quickbooks/index.ts';
import type { Product, ProductOptions } from './product.ts';

export async function openQuickbooks({
  books,
  clock,
  folder,
  port,
}: ProductOptions): Promise<Product<QuickbooksEmulator, 'source-quickbooks'>> {
  const quickbooks = await startQuickbooks({ companies: books, clock, limits: UNLIMITED, ...port });
  const { refresh_token } = quickbooks.issueTokens();
  return {
    emulator: quickbooks,
    connector: 'source-quickbooks',
    config: {
      credentials: {
        auth_type: 'oauth2',
        client_id: quickbooks.app.clientId,
        client_secret: quickbooks.app.clientSecret,
        refresh_token,
      },
      realm_id: quickbooks.companies[0]?.realmId,
      start_date: '2020-01-01',
      token_store: join(folder, 'quickbooks.tokens'),
      endpoints: { api: quickbooks.url, identity: quickbooks.url, login: quickbooks.url },
    },
    close: () => quickbooks.close(),
  };
}
