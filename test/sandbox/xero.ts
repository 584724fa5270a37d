// Xero in the sandbox: an organisation for each set of books, and a consent to all of them.
import { join } from 'node:path';
import { startXero, type XeroEmulator } from '../emulators/xero/index.ts';
import type { Product, ProductOptions } from './product.ts';

export async function openXero({
  books,
  clock,
  folder,
  port,
  xeroLimits,
}: ProductOptions): Promise<Product<XeroEmulator, 'source-xero'>> {
  const xero = await startXero({
    companies: books,
    clock,
    ...(xeroLimits ? { limits: xeroLimits } : {}),
    ...port,
  });
  const { refresh_token } = await xero.issueTokens();
  return {
    emulator: xero,
    connector: 'source-xero',
    config: {
      credentials: {
        auth_type: 'oauth2',
        client_id: xero.app.clientId,
        client_secret: xero.app.clientSecret,
        refresh_token,
      },
      start_date: '2020-01-01',
      token_store: join(folder, 'xero.tokens'),
      endpoints: { api: xero.url, identity: xero.identityUrl, login: xero.url },
    },
    close: () => xero.close(),
  };
}
