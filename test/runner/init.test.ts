// `ledgerpipe init`: the file that it writes is one that the runner and the connectors take, for every pair of them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import databricks from '../../destination-databricks/index.ts';
import looker from '../../destination-looker/index.ts';
import powerbi from '../../destination-powerbi/index.ts';
import tableau from '../../destination-tableau/index.ts';
import { init } from '../../runner/commands/init.ts';
import { connectors } from '../../runner/registry.ts';
import { readSettings } from '../../runner/settings/index.ts';
import quickbooks from '../../source-quickbooks/index.ts';
import xero from '../../source-xero/index.ts';
import { run, temporaryFolder } from '../program.ts';

const specs = new Map(
  [xero, quickbooks, databricks, looker, powerbi, tableau].map(({ name, spec }) => [name, spec]),
);

const fileIn = async () => join(await temporaryFolder(), 'ledgerpipe.yaml');

/** A value for every variable of the file; some have a shape of their own. */
async function environmentOf(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8');
  const names = [...text.matchAll(/^[^#\n]*\$\{(\w+)\}/gm)].map(([, name = '']) => name);
  return {
    ...Object.fromEntries(names.map((name) => [name, `value of ${name}`])),
    DATABRICKS_HTTP_PATH: '/sql/1.0/warehouses/1234567890abcdef',
  };
}

/** What a login would bring, for a source that needs one. */
const consented = (config: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...config,
  realm_id: '9341000000000000001',
  credentials: { ...(config.credentials as object), refresh_token: 'token' },
});

const ofKind = (kind: string) =>
  connectors.filter((name) => name.startsWith(kind)).map((name) => name.replace(`${kind}-`, ''));

const pairs = ofKind('source').flatMap((from) => ofKind('destination').map((to) => ({ from, to })));

test.each(pairs)(
  'the file from $from to $to has one pipeline, which both connectors take',
  async ({ from, to }) => {
    const file = await fileIn();
    expect(await init(file, { from, to })).toBe(`${from}-to-${to}`);
    const { pipelines, warnings } = await readSettings(file, await environmentOf(file));
    expect(warnings).toEqual([]);
    const pipeline = pipelines[`${from}-to-${to}`];
    expect(Object.keys(pipelines)).toEqual([`${from}-to-${to}`]);
    expect(pipeline).toMatchObject({
      source: { connector: `source-${from}` },
      destination: { connector: `destination-${to}` },
      problems: [],
    });
    expect(pipeline?.schedules).toHaveLength(2);
    for (const end of ['source', 'destination'] as const) {
      const { connector = '', config = {} } = pipeline?.[end] ?? {};
      const spec = specs.get(connector);
      if (!spec) throw new Error(`No spec of "${connector}"`);
      await validateConfig(spec, end === 'source' ? consented(config) : config);
    }
  },
);

test.each(pairs)(
  'from $from to $to, every secret is a variable and every comment can be read on',
  async ({ from, to }) => {
    const file = await fileIn();
    await init(file, { from, to });
    const lines = (await readFile(file, 'utf8')).split('\n');
    const written = lines.filter((line) => /^\s*\w*(secret|password|token)\w*:/.test(line));
    expect(written.length).toBeGreaterThan(0);
    for (const line of written) expect(line).toMatch(/: \$\{[A-Z_]+\}$/);
    expect(lines.filter((line) => line.length > 130)).toEqual([]);
  },
);

test('what is commented out can be uncommented: sections, streams and the fields of connectors', async () => {
  const file = await fileIn();
  await init(file, { from: 'xero', to: 'tableau' });
  const text = await readFile(file, 'utf8');
  const opened = text
    .replace(/^# ((http|webhooks|on_failure):\n(# {2}.*\n)+)/gm, (_, section: string) =>
      section.replace(/^# /gm, ''),
    )
    .replace(/^( +)# (streams|tenants|daily_reserve|name_prefix|parallel):/gm, '$1$2:')
    .replace(/^ {4}# {3}(.*)/gm, '      $1');
  await writeFile(file, opened);
  const settings = await readSettings(file, await environmentOf(file));
  expect(settings).toMatchObject({
    http: { listen: '0.0.0.0', port: 7460, public_url: 'https://ledger.example.com' },
    webhooks: { xero: {}, quickbooks: {} },
    on_failure: { url: 'https://hooks.example.com/ledgerpipe' },
    warnings: [],
  });
  expect(Object.keys(settings.pipelines)).toEqual(['xero-to-tableau.acme']);
  expect(settings.pipelines['xero-to-tableau.acme']).toMatchObject({
    streams: ['invoices', 'bills', 'contacts', 'accounts'],
    source: { config: { daily_reserve: 100 } },
    destination: { config: { project: 'acme', parallel: 4 } },
    problems: [],
  });
});

/** A person who types these lines. */
function person(...lines: readonly string[]) {
  const questions: string[] = [];
  const left = [...lines];
  return {
    questions,
    left,
    ask: async (question: string) => {
      questions.push(question);
      return left.shift() ?? '';
    },
  };
}

test('a person is asked for ends, name and settings, and what is left empty comes from the environment', async () => {
  const file = await fileIn();
  const { ask, questions, left } = person(
    '2',
    'powerbi',
    'books',
    'my-client',
    'contoso.com',
    '',
    'Finance',
    '2',
  );
  expect(await init(file, {}, ask)).toBe('books');
  expect(left).toEqual([]);
  expect(questions.map((question) => question.split('\n')[0])).toEqual([
    'Where do the records come from?',
    'Where do they go?',
    'Name of the pipeline [quickbooks-to-powerbi]: ',
    'quickbooks: Client id [from the environment]: ',
    expect.stringMatching(/^powerbi: .*\(as contoso.onmicrosoft.com\) \[from the environment\]: $/),
    expect.stringMatching(/^powerbi: /),
    expect.stringMatching(/^powerbi: /),
    expect.stringMatching(/^powerbi: /),
  ]);
  expect(questions.join()).not.toMatch(/secret/i);
  const { pipelines } = await readSettings(file, {
    QUICKBOOKS_CLIENT_SECRET: 's',
    POWERBI_CLIENT_ID: 'p',
    POWERBI_CLIENT_SECRET: 't',
  });
  expect(pipelines.books).toMatchObject({
    source: { connector: 'source-quickbooks', config: { credentials: { client_id: 'my-client' } } },
    destination: {
      connector: 'destination-powerbi',
      config: {
        ...{ tenant_id: 'contoso.com', client_id: 'p', workspace_name: 'Finance' },
        delivery: { mode: 'open_mirroring' },
      },
    },
    problems: [],
  });
});

test('the shape that a person chooses decides what is asked next, and a wrong number is asked again', async () => {
  const file = await fileIn();
  const { ask, questions } = person('9', 'xero', '3', 'p', '2', 'id', 'db: # x');
  await expect(init(file, {}, ask)).resolves.toBe('p');
  expect(questions.filter((question) => question.startsWith('Where do the records'))).toHaveLength(2);
  const text = await readFile(file, 'utf8');
  expect(text).toContain('          auth_type: client_credentials\n');
  expect(text).not.toContain('"ledgerpipe login p" brings it');
});

test('answers stand in the file as the texts that they are', async () => {
  const file = await fileIn();
  const answers = ['a: b # c', 'yes', '0123', '{x}'];
  const [client = '', host = '', path = '', principal = ''] = answers;
  const { ask } = person('xero', 'databricks', 'p', '1', client, host, path, '1', principal);
  await init(file, {}, ask);
  const environment = new Proxy({}, { get: () => 'x', has: () => true }) as Record<string, string>;
  const { pipelines } = await readSettings(file, environment);
  const { source, destination } = pipelines.p ?? {};
  const found = JSON.stringify([source?.config, destination?.config]);
  for (const answer of answers) expect(found).toContain(JSON.stringify(answer));
});

test('programs may take the place of connectors', async () => {
  const file = await fileIn();
  expect(await init(file, { from: './bin/my-source.py', to: '/opt/their sink' })).toBe(
    'my-source-to-their-sink',
  );
  const { pipelines } = await readSettings(file, {});
  expect(pipelines['my-source-to-their-sink']).toMatchObject({
    source: { connector: './bin/my-source.py', config: {} },
    destination: { connector: '/opt/their sink', config: {} },
  });
});

test('the editor finds the schema that is installed above the file, or that of this version', async () => {
  const folder = await temporaryFolder();
  const schemas = join(folder, 'node_modules/@ledgerpipe/runner/schema');
  await init(join(folder, 'far.yaml'), {});
  expect(await readFile(join(folder, 'far.yaml'), 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=https:\/\/unpkg.com\/@ledgerpipe\/runner@\d+\.\d+\.\d+\/schema\/ledgerpipe.schema.json\n/,
  );
  await mkdir(schemas, { recursive: true });
  await writeFile(join(schemas, 'ledgerpipe.schema.json'), '{}');
  await mkdir(join(folder, 'etc'));
  await init(join(folder, 'etc/near.yaml'), {});
  expect(await readFile(join(folder, 'etc/near.yaml'), 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\.\/node_modules\/@ledgerpipe\/runner\/schema\/ledgerpipe.schema.json\n/,
  );
});

test('a file that is there stays, and nobody is asked anything; unknown ends and bad names are refused', async () => {
  const file = await fileIn();
  await expect(init(file, { from: 'sage' })).rejects.toThrow(
    'Cannot start a pipeline with the source "sage": choose from xero, quickbooks',
  );
  await expect(init(file, { to: 'tablo' })).rejects.toThrow(
    'Cannot start a pipeline with the destination "tablo": did you mean "tableau"?',
  );
  await expect(init(file, { name: 'my books' })).rejects.toThrow('Cannot name a pipeline "my books"');
  await writeFile(file, 'mine');
  const { ask, questions } = person();
  await expect(init(file, { from: 'quickbooks' }, ask)).rejects.toThrow(/exists already/);
  expect(questions).toEqual([]);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('without a terminal the command takes its options, and says what comes next', async () => {
  const file = await fileIn();
  const main = '../runner/dist/main.js';
  const { code, stdout } = await run(main, ['init', '--file', file, '--to', 'looker', '--name', 'books'], {
    input: '',
  });
  expect([code, stdout]).toEqual([
    0,
    `Wrote ${file}: fill in its settings as the comments say, then run "ledgerpipe sync books"\n`,
  ]);
  const again = await run(main, ['init', '--file', file], { input: '' });
  expect([again.code, again.stdout, again.stderr]).toEqual([
    1,
    '',
    `error: Cannot write "${file}": it exists already, choose another name with --file\n`,
  ]);
});
