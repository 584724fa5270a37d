// What Xero's documentation leaves open: whichever way it is, the same records arrive and the same errors are told.
import { expect, test } from 'vitest';
import { streams } from '../../source-xero/streams.ts';
import type { XeroSwitches } from '../emulators/xero/index.ts';
import { openBench, run } from './bench.ts';

const ways: readonly Partial<XeroSwitches>[] = [
  { modifiedSince: 'exclusive', quotesPageSize: 'ignored', manualJournalsOrderBug: false },
  { escapedSlashes: false, gzip: false, notFound: 'problem' },
  { paymentsOnlyNumbering: 'own', employees: 410, rateLimitProblems: 'capitalised', appLimitProblem: 'app' },
  { rapidSync: true, pageSizeAlonePages: true, highVolumeGuard: 'off' },
];

test.each(ways)('the records are the same with %o', async (switches) => {
  const read = async (given: Partial<XeroSwitches>) => {
    const bench = await openBench({ documents: 130, switches: given, config: { page_size: 30 } });
    const outcome = await run(bench);
    expect(outcome.errors).toEqual([]);
    const second = await run(bench, { states: outcome.states });
    expect(second.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
    return Object.fromEntries(streams.map(({ name }) => [name, outcome.of(name)]));
  };
  expect(await read(switches)).toEqual(await read({}));
});

test.each(['insufficient_scope', 'insufficent_scope'] as const)(
  'a missing scope written %s is not met with new tokens',
  async (insufficientScope) => {
    const bench = await openBench({
      scopes: ['accounting.contacts.read', 'offline_access'],
      switches: { insufficientScope },
    });
    const outcome = await run(bench, { streams: ['payments'] });
    expect(outcome.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('accounting.payments.read') }),
    ]);
    expect(bench.xero.calls()).toBe(1);
  },
);

test.each([400, 401] as const)(
  'a wrong secret is told as one, whether Xero answers %i',
  async (invalidClientStatus) => {
    const bench = await openBench({ switches: { invalidClientStatus } });
    const credentials = { ...(bench.config.credentials as Record<string, unknown>), client_secret: 'wrong' };
    bench.config = { ...bench.config, credentials };
    await expect(run(bench)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/client/i),
    });
  },
);

test.each([404, 410] as const)('a stream whose endpoint is gone (%i) fails alone', async (status) => {
  const bench = await openBench();
  bench.xero.faults.add({ path: /BrandingThemes/, times: 9, does: { kind: 'answer', status, body: 'gone' } });
  const outcome = await run(bench, { streams: ['branding_themes', 'accounts'] });
  expect(outcome.errors.map(({ stream_descriptor }) => stream_descriptor?.name)).toEqual(['branding_themes']);
  expect(outcome.of('accounts').length).toBeGreaterThan(0);
});
