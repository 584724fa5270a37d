// The QuickBooks source passes the suite of all sources, against the emulator.
import { source } from '../../source-quickbooks/index.ts';
import { describeSource } from '../conformance/source.ts';
import { openBench } from './bench.ts';

const without = (config: Readonly<Record<string, unknown>>, change: Record<string, unknown>) => ({
  ...config,
  credentials: { ...(config.credentials as Record<string, unknown>), ...change },
});

describeSource({
  source,
  async open() {
    const { quickbooks, clock, config } = await openBench({ documents: 90 });
    return {
      config: { ...config, page_size: 9, batch_size: 10 },
      clock,
      faults: quickbooks.faults,
      dataPath: /\/v3\/company\//,
      expireToken: () => quickbooks.expireAccessTokens(),
      close: async () => undefined,
    };
  },
  refused: [
    {
      name: 'a refresh token that is used up',
      change: (config) => without(config, { refresh_token: 'gone' }),
      words: /log in again with "source-quickbooks login"/,
    },
    {
      name: 'a wrong secret',
      change: (config) => without(config, { client_secret: 'wrong' }),
      words: /correct the client id and secret/,
    },
    {
      name: 'another company',
      change: (config) => ({ ...config, realm_id: '9999999999999999999' }),
      words: /company "9999999999999999999"/,
    },
  ],
});
