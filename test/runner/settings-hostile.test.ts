// Whatever the file holds, it is settings or one refusal: with places, in one error, without a secret, within a second.
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readSettings } from '../../runner/settings/index.ts';
import { fileOf, temporaryFolder } from '../program.ts';

const outcome = async (file: string) => {
  const settings = await readSettings(file, { SECRET: 'hunter2' }).catch((error: unknown) => ({ error }));
  return 'error' in settings ? settings.error : undefined;
};

/** Fields of the file with anything in the place of their values. */
const anything = fc.jsonValue({ maxDepth: 2 });
const words = fc.constantFrom(
  'default',
  `$${'{SECRET}'}`,
  `$${'{NONE}'}`,
  'vault:x',
  'source-xero',
  './p',
  '*/5 * * * *',
  '',
);
const value = fc.oneof(anything, words, fc.array(words, { maxLength: 2 }));
const connector = fc.record({ connector: value, config: value, connection: value }, { requiredKeys: [] });
const pipeline = fc.record(
  {
    source: fc.oneof(connector, value),
    destination: fc.oneof(connector, value),
    streams: value,
    schedules: fc.oneof(
      value,
      fc.array(fc.record({ cron: value, streams: value, timezone: value }), { maxLength: 2 }),
    ),
    tenants: fc.oneof(
      value,
      fc.array(fc.record({ tenant: value, name: value, source: value }), { maxLength: 2 }),
    ),
  },
  { requiredKeys: [] },
);
const file = fc.record(
  {
    store: value,
    key_file: value,
    http: value,
    webhooks: value,
    retry: value,
    reconcile: value,
    pipelines: fc.oneof(
      fc.dictionary(fc.constantFrom('a', 'b c', '__proto__', 'constructor'), pipeline),
      value,
    ),
  },
  { requiredKeys: [] },
);

test('any values in the place of the fields are settings or a refusal with places', async () => {
  const folder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      const error = await outcome(await fileOf(folder, 'ledgerpipe.yaml', stringify(content)));
      if (error === undefined) return;
      expect(error).toMatchObject({ kind: 'config' });
      expect((error as Error).message).toMatch(/line \d+, column \d+: /);
      expect((error as Error).message).not.toContain('hunter2');
    }),
    { numRuns: 200 },
  );
});

test('any text is settings or a refusal', async () => {
  const folder = await temporaryFolder();
  const pieces = [
    'pipelines:',
    '\n',
    '  ',
    '- ',
    '{',
    ']',
    '&a',
    '*a',
    '<<: ',
    '"',
    `$${'{SECRET}'}`,
    '---',
    '\t',
    '? ',
    ': ',
    '!x ',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, async (parts) => {
      const error = await outcome(await fileOf(folder, 'ledgerpipe.yaml', parts.join('')));
      expect(error).toMatchObject({ kind: 'config', message: expect.stringMatching(/^Cannot use "/) });
    }),
    { numRuns: 200 },
  );
});

test('a bomb of aliases is refused at once', async () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [one, next] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => [...pair]))
    bomb.push(`${next}: &${next} [${Array(9).fill(`*${one}`).join(', ')}]`);
  const path = await fileOf(await temporaryFolder(), 'ledgerpipe.yaml', bomb.join('\n'));
  const begun = performance.now();
  expect(await outcome(path)).toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/too many aliases/),
  });
  expect(performance.now() - begun).toBeLessThan(1_000);
});

test('reading leaves nothing beside the file', async () => {
  const path = await fileOf(await temporaryFolder(), 'ledgerpipe.yaml', 'store: x');
  await outcome(path);
  expect(await readdir(dirname(path))).toEqual(['ledgerpipe.yaml']);
});
