// The Xero source passes the suite of all sources, against the emulator.
import { source } from '../../source-xero/index.ts';
import { describeSource } from '../conformance/source.ts';
import { openBench } from './bench.ts';

const without = (config: Readonly<Record<string, unknown>>, change: Record<string, unknown>) => ({
  ...config,
  credentials: { ...(config.credentials as Record<string, unknown>), ...change },
});

describeSource({
  source,
  async open() {
    const { xero, clock, config } = await openBench({ documents: 90 });
    return {
      config: { ...config, page_size: 9 },
      clock,
      faults: xero.faults,
      dataPath: /\/api\.xro\/2\.0\//,
      expireToken: () => xero.expireAccessTokens(),
      close: async () => undefined,
    };
  },
  refused: [
    {
      name: 'a refresh token that is used up',
      change: (config) => without(config, { refresh_token: 'gone' }),
      words: /log in|login/i,
    },
    {
      name: 'a wrong secret',
      change: (config) => without(config, { client_secret: 'wrong' }),
      words: /client/i,
    },
    {
      name: 'an organisation that is not connected',
      change: (config) => ({ ...config, tenant_ids: ['11111111-2222-3333-4444-555555555555'] }),
      words: /connect it or take it out of "tenant_ids"/,
    },
  ],
});
