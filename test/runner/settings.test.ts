// ledgerpipe.yaml: what it may hold, and one clear line for each way it can be wrong.
import { expect, test } from 'vitest';
import { readSettings } from '../../runner/settings.ts';
import { fileOf, temporaryFolder } from '../program.ts';

const good = `
pipelines:
  p:
    source: { connector: source-xero, config: { secret: "\${SECRET}", plain: "$\${KEEP}", or: "\${NONE:-default}" } }
    destination: { connector: ./mine, config: {} }
`;

const read = async (text: string, environment: Record<string, string> = { SECRET: 's3cret' }) =>
  readSettings(await fileOf(await temporaryFolder(), 'ledgerpipe.yaml', text), environment);

test('variables are filled in, defaults used, and a doubled dollar keeps the text', async () => {
  const settings = await read(good);
  const kept = `$${'{KEEP}'}`;
  expect(settings.pipelines.p?.source.config).toEqual({ secret: 's3cret', plain: kept, or: 'default' });
  expect(settings.store).toMatch(/\.ledgerpipe$/);
});

test.each([
  ['a variable that is not set', good, {}, /environment variable "SECRET" is not set/],
  ['broken YAML', 'pipelines:\n  - [', {}, /line \d+, column \d+/],
  ['an empty file', '', {}, /it is empty/],
  ['no pipelines', 'store: x', {}, /"pipelines" is missing/],
  ['an unknown key', `${good}\nschedule: x`, { SECRET: 'x' }, /must NOT have additional properties/],
  [
    'a source without a connector',
    'pipelines: { p: { source: { config: {} }, destination: { connector: d, config: {} } } }',
    {},
    /pipelines.p.source.connector" is missing/,
  ],
])('%s is refused in one line', async (_, text, environment, words) => {
  await expect(read(text, environment)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(words),
  });
});
