// ledgerpipe.yaml: what it may hold, and for each way it can be wrong a line with the place and the remedy.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, type Settings } from '../../runner/settings/index.ts';
import { fileOf, temporaryFolder } from '../program.ts';

const good = `
pipelines:
  p:
    source: { connector: ./theirs, config: { secret: "\${SECRET}", plain: "$\${KEEP}", or: "\${NONE:-default}" } }
    destination: { connector: ./mine, config: {} }
`;

const read = async (text: string, environment: Record<string, string> = { SECRET: 's3cret' }) =>
  readSettings(await fileOf(await temporaryFolder(), 'ledgerpipe.yaml', text), environment);

/** The error's lines, without the name of the file. */
async function refused(text: string, environment: Record<string, string> = { SECRET: 'x' }) {
  const error: unknown = await read(text, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ kind: 'config', message: expect.stringMatching(/^Cannot use "/) });
  const [first = '', ...lines] = (error as Error).message.split('\n');
  return lines.length > 0 ? lines.map((line) => line.trim()) : [first.replace(/^Cannot use "[^"]*": /, '')];
}

test('variables are filled in, defaults used, and a doubled dollar keeps the text', async () => {
  const settings = await read(good);
  const kept = `$${'{KEEP}'}`;
  expect(settings.pipelines.p?.source.config).toEqual({ secret: 's3cret', plain: kept, or: 'default' });
});

test('what a short file leaves out has its defaults', async () => {
  const { file, store, folder, pipelines, ...rest } = await read(good);
  expect(store).toBe(resolve(file, '../.ledgerpipe/ledgerpipe.db'));
  expect(folder).toBe(resolve(file, '../.ledgerpipe'));
  expect(rest).toEqual({
    http: { listen: '127.0.0.1', port: 7460 },
    webhooks: {},
    webhook: { window_seconds: 2, most_ids: 500 },
    retry: { attempts: 6, first_seconds: 30, longest_minutes: 60 },
    audit: { retention_days: 400 },
    reconcile: { cron: '17 3 * * *', timezone: 'UTC' },
    warnings: [],
  });
  expect(pipelines.p).toMatchObject({ name: 'p', base: 'p', tenants: [], schedules: [], problems: [] });
  expect(pipelines.p).toMatchObject({ connection: 'p', exclusive: true });
});

test('everything that can be set is taken as it is written', async () => {
  const settings = await read(
    `
store: postgres://ledger:\${PASSWORD}@db/ledgerpipe
key_file: vault.key
http: { listen: 0.0.0.0, port: "\${PORT}", token: "\${TOKEN}", public_url: https://ledger.example.com/ }
webhooks: { xero: { key: "\${TOKEN}" }, quickbooks: { verifier_token: vault:intuit } }
webhook: { window_seconds: 0.5, most_ids: 40 }
retry: { attempts: 2, first_seconds: 5, longest_minutes: 1 }
audit: { retention_days: 30 }
on_failure: { url: https://hooks.example.com/x }
reconcile: { enabled: false }
pipelines:
  books:
    source: { connector: ./theirs, connection: shared, config: {} }
    destination: { connector: ./mine }
    streams: [invoices, contacts]
    schedules:
      - { streams: [invoices], cron: "*/5 8-18 * * 1-5", timezone: Europe/London, jitter_seconds: 30 }
      - { streams: reference, cron: "@daily" }
      - { cron: 0 3 * * 0 }
  usual:
    source: { connector: ./theirs }
    destination: { connector: ./mine }
    schedules: default
`,
    { PASSWORD: 'p', PORT: '8080', TOKEN: 't0ken' },
  );
  expect(settings).toMatchObject({
    store: 'postgres://ledger:p@db/ledgerpipe',
    key_file: resolve(settings.file, '../vault.key'),
    folder: resolve(settings.file, '../.ledgerpipe'),
    http: { listen: '0.0.0.0', port: 8080, token: 't0ken', public_url: 'https://ledger.example.com' },
    webhooks: { xero: { key: 't0ken' }, quickbooks: { verifier_token: 'vault:intuit' } },
    webhook: { window_seconds: 0.5, most_ids: 40 },
    retry: { attempts: 2, first_seconds: 5, longest_minutes: 1 },
    audit: { retention_days: 30 },
    on_failure: { url: 'https://hooks.example.com/x' },
    warnings: [],
  });
  expect(settings.reconcile).toBeUndefined();
  const { books, usual } = settings.pipelines;
  expect(books).toMatchObject({ connection: 'shared', streams: ['invoices', 'contacts'] });
  expect(books?.schedules).toEqual([
    { streams: ['invoices'], cron: '*/5 8-18 * * 1-5', timezone: 'Europe/London', jitter_seconds: 30 },
    { streams: 'reference', cron: '@daily', timezone: 'UTC', jitter_seconds: 0 },
    { cron: '0 3 * * 0', timezone: 'UTC', jitter_seconds: 0 },
  ]);
  expect(usual?.schedules.map(({ streams, cron }) => [streams, cron])).toEqual([
    ['facts', '*/15 * * * *'],
    ['reference', '20 1 * * *'],
  ]);
});

test.each([
  ['a folder', 'store: data', 'data/ledgerpipe.db', 'data'],
  ['a database file', 'store: data/books.db', 'data/books.db', 'data'],
  ['a URL of SQLite', 'store: sqlite:data/books.sqlite', 'data/books.sqlite', 'data'],
])('the store may be %s', async (_, line, store, folder) => {
  const settings = await read(`${line}${good}`);
  const at = (path: string) => resolve(settings.file, '..', path);
  expect([settings.store, settings.folder]).toEqual([at(store), at(folder)]);
});

const pipeline = (lines: string) => `pipelines:
  p:
    source: { connector: ./theirs }
    destination: { connector: ./mine }
${lines}`;

test.each<[string, string, readonly (string | RegExp)[]]>([
  ['an empty file', '', [/it is empty/]],
  ['a list', '- a', [/^line 1, column 1: the file is not a list of settings/]],
  ['broken YAML', 'pipelines:\n  - [', [/^line 2, column \d+: /]],
  ['a key given twice', 'store: a\nstore: b\n', [/^line 2, column 1: Map keys must be unique/]],
  ['an alias without an anchor', 'store: *nowhere\n', [/^line 1, column 8: there is no anchor "&nowhere"/]],
  ['no pipelines', 'store: x', ['line 1, column 1: "pipelines" is missing: add it (Pipelines by name)']],
  [
    'an unknown key',
    `${good}schedule: x`,
    [/^line 6, column 1: "schedule" is unknown: choose from store, folder, key_file, /],
  ],
  [
    'a misspelled key',
    pipeline('    schedule: default'),
    ['line 5, column 5: "pipelines.p.schedule" is unknown: did you mean "schedules"?'],
  ],
  [
    'a source without a connector',
    'pipelines: { p: { source: { config: {} }, destination: { connector: ./d } } }',
    [/^line 1, column 27: "pipelines.p.source.connector" is missing: add it \(Name of a source/],
  ],
  [
    'an unknown connector',
    'pipelines:\n  p:\n    source: { connector: source-zero }\n    destination: { connector: tableau }',
    [
      'line 3, column 26: Unknown source "source-zero": did you mean "source-xero"?',
      'line 4, column 31: Unknown destination "tableau": did you mean "destination-tableau"?',
    ],
  ],
  [
    'a destination as the source',
    'pipelines:\n  p:\n    source: { connector: destination-looker }\n    destination: { connector: ./d }',
    [/^line 3, column 26: Unknown source "destination-looker": choose source-xero or source-quickbooks, or/],
  ],
  [
    'a cron that never fires',
    pipeline('    schedules:\n      - cron: 0 0 30 2 *'),
    ['line 6, column 15: "0 0 30 2 *" never fires: no date to come is like that'],
  ],
  [
    'a cron of the past',
    pipeline('    schedules: [{ cron: "2020-01-01T00:00:00" }]'),
    [/^line 5, column 25: "2020-01-01T00:00:00" never fires/],
  ],
  [
    'a cron that is none',
    pipeline('    schedules: [{ cron: 61 * * * * }]\nreconcile: { cron: often }'),
    [
      /^line 5, column 25: "61 \* \* \* \*" is no cron expression: /,
      /^line 6, column 20: "often" is no cron/,
    ],
  ],
  [
    'a time zone that is none',
    pipeline('    schedules: [{ cron: 0 1 * * *, timezone: Mars/Base }]'),
    ['line 5, column 46: "Mars/Base" is no time zone: write an IANA name such as "Europe/London"'],
  ],
  [
    'schedules that are neither',
    pipeline('    schedules: defaults'),
    ['line 5, column 16: "pipelines.p.schedules" must be "default" or a list, found "defaults"'],
  ],
  [
    'a schedule without a cron',
    pipeline('    schedules: [{ streams: facts }]'),
    [/^line 5, column 17: "pipelines.p.schedules.0.cron" is missing: add it \(When: /],
  ],
  [
    'a group that is none',
    pipeline('    schedules: [{ streams: fact, cron: 0 1 * * * }]'),
    [
      'line 5, column 28: "pipelines.p.schedules.0.streams" must be "facts" or "reference" or a list, found "fact"',
    ],
  ],
  [
    'a scheduled stream that is not moved',
    pipeline('    streams: [invoices]\n    schedules: [{ streams: [invoice], cron: 0 1 * * * }]'),
    ['line 6, column 29: The pipeline moves no stream "invoice": did you mean "invoices"?'],
  ],
  [
    'a number out of range',
    `${good}retry: { attempts: 0 }\nhttp: { port: eighty }`,
    [
      'line 6, column 20: "retry.attempts" must be >= 1, found 0',
      'line 7, column 15: "http.port" must be a whole number, found "eighty"',
    ],
  ],
  [
    'a page without a login',
    `${good}http: { listen: 0.0.0.0 }`,
    [
      'line 6, column 17: "0.0.0.0" can be reached from other machines: add "token" to "http", or listen on 127.0.0.1',
    ],
  ],
  [
    'a store from the vault',
    `${good}store: vault:store`,
    [/^line 6, column 8: "store" cannot come from the vault/],
  ],
  [
    'a name that is no name',
    'pipelines:\n  my books: { source: { connector: ./s }, destination: { connector: ./d } }',
    [/^line 2, column 13: "pipelines.my books" cannot be a name/],
  ],
])('%s is refused with its place', async (_, text, lines) => {
  const found =
    text === '' ? [(await read(text).catch((error: Error) => error.message)) as string] : await refused(text);
  expect(found).toEqual(lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))));
});

test('a section whose fields are all commented out is one that is not there', async () => {
  const settings = await read(
    'http:\n  # port: 1\npipelines:\n  p:\n    source:\n      connector: ./s\n      config:\n    destination: { connector: ./d }\n    schedules:\n',
  );
  expect(settings.http.port).toBe(7460);
  expect(settings.pipelines.p).toMatchObject({ source: { config: {} }, schedules: [] });
});

test('all that is wrong is told at once, in the order of the file', async () => {
  const text = `store: "\${NOWHERE}/\${NOTHING}"
http: { prot: 1 }
pipelines:
  p:
    source: { connector: source-zero }
    destination: {}
    schedules: [{ cron: 0 0 31 4 * }]
`;
  const lines = await refused(text, {});
  expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual([
    'line 1, column 8',
    'line 1, column 8',
    'line 2, column 9',
    'line 5, column 26',
    'line 6, column 18',
    'line 7, column 25',
  ]);
  expect(lines[0]).toContain('the environment variable "NOWHERE" is not set, export it first');
});

test('a variable that is not set is refused, and its place has no second error', async () => {
  expect(await refused(`${good}http: { port: "\${PORT}" }`, {})).toEqual([
    'line 4, column 54: the environment variable "SECRET" is not set, export it first',
    'line 6, column 15: the environment variable "PORT" is not set, export it first',
  ]);
});

test('a value from a variable is not shown, for it may be a secret in the wrong place', async () => {
  const lines = await refused(`${good}http: { port: "\${SECRET}" }`, { SECRET: 'hunter2' });
  expect(lines).toEqual(['line 6, column 15: "http.port" must be a whole number']);
});

test('a file that is not there is told apart from one that may not be read', async () => {
  const folder = await temporaryFolder();
  await expect(readSettings(`${folder}/none.yaml`, {})).rejects.toThrow(
    `Cannot read "${folder}/none.yaml": there is no such file, make one with "ledgerpipe init"`,
  );
  await expect(readSettings(folder, {})).rejects.toThrow(/it cannot be read \(EISDIR\)/);
});

test('anchors and merged maps share what pipelines have in common, and errors in them have their place', async () => {
  const text = `
pipelines:
  a: &a
    source: { connector: ./theirs, config: { start: 1 } }
    destination: { connector: ./mine }
    schedules: &often [{ cron: "*/15 * * * *" }]
  b:
    <<: *a
    streams: [x]
  c:
    source: { connector: ./theirs }
    destination: { connector: ./mine }
    schedules: *often
`;
  const { pipelines } = await read(text);
  expect(pipelines.b).toMatchObject({ source: { config: { start: 1 } }, streams: ['x'] });
  expect(pipelines.c?.schedules).toHaveLength(1);
  expect(await refused(text.replace('*/15 *', '77 *'))).toEqual([
    expect.stringMatching(/^line 6, column 32: /),
  ]);
});

const xero = (config: string) => `pipelines:
  p:
    source:
      connector: source-xero
      config:
        credentials: { auth_type: oauth2, client_id: id, refresh_token: "\${SECRET}" }
${config}    destination: { connector: ./mine }
`;

const told = ({ warnings }: Settings) =>
  warnings.map(({ line, column, message }) => `${line}:${column} ${message}`);

test('secrets in the clear are warned of, and those from elsewhere are not', async () => {
  const clear = await read(`http: { token: letmein }\n${xero('        token_store_key: "p"\n')}`);
  expect(told(clear)).toEqual([
    expect.stringMatching(/^1:16 "http.token" is a secret in the clear: write \${NAME}/),
    expect.stringMatching(/^8:26 "pipelines.p.source.config.token_store_key" is a secret in the clear/),
  ]);
  const sealed = await read(`http: { token: vault:t }\n${xero(`        token_store_key: "\${SECRET:-}"\n`)}`);
  expect(told(sealed)).toEqual([]);
  const server = await read(`store: postgres://me:secret@db/x\n${good.trim()}`);
  expect(told(server)).toEqual([expect.stringMatching(/^1:8 "store" has a password in the clear/)]);
  expect(told(clear).join()).not.toMatch(/letmein/);
});

test("what a connector passes over is a warning, what it would refuse is its run's problem", async () => {
  const settings = await read(
    xero(`        tenant_id: x\n        deleted_documents: hidden\n        journals: "\${YES}"\n`),
    {
      SECRET: 's',
      YES: 'true',
    },
  );
  expect(told(settings)).toEqual([
    '7:9 "pipelines.p.source.config.tenant_id" is unknown: did you mean "tenant_ids"?',
  ]);
  const { problems = [], source } = settings.pipelines.p ?? {};
  expect(problems.map(({ line, message }) => [line, message])).toEqual([
    [8, '"pipelines.p.source.config.deleted_documents" must be one of "listed", "queried", found "hidden"'],
  ]);
  expect(source?.config.journals).toBe(true);
});

test('of the ways to sign in, the one that was chosen is checked', async () => {
  const text = (credentials: string) =>
    `pipelines: { p: { source: { connector: source-xero, config: { credentials: ${credentials} } }, destination: { connector: ./d } } }`;
  const problemsOf = async (credentials: string) => {
    const { pipelines, warnings } = await read(text(credentials));
    return [...(pipelines.p?.problems ?? []), ...warnings].map(({ message }) => message);
  };
  const at = 'pipelines.p.source.config.credentials';
  expect(await problemsOf('{ auth_type: oauth3 }')).toEqual([
    `"${at}.auth_type" must be "oauth2" or "client_credentials"`,
  ]);
  expect(await problemsOf('{ auth_type: client_credentials, client_id: a }')).toEqual([
    `"${at}.client_secret" is missing: add it (Client secret)`,
  ]);
  expect(await problemsOf('{ auth_type: oauth2, client_id: 5, refresh_token: vault:r }')).toEqual([
    `"${at}.client_id" must be a text, found 5`,
  ]);
});
