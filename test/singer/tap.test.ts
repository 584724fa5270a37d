// A source under its Singer name: discovery, selection, state, errors and signals, seen from outside.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileOf, run, temporaryFolder } from '../program.ts';
import { books, configFile, criticals, kinds, linesOf, secret, startTap, tap, tapConfig } from './plugin.ts';

/** Compares with a transcript in `golden`, times left out; GOLDEN=write makes a new one. */
function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, 'golden', name);
  const normal = text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
    .replaceAll(/("job_duration","value":)[\d.]+/g, '$1SECONDS');
  if (process.env.GOLDEN === 'write') writeFileSync(path, normal);
  expect(normal).toBe(readFileSync(path, 'utf8'));
}

const consent = { client_id: 'id', client_secret: 'hidden-secret', refresh_token: 'first-token' };
const machine = { auth_type: 'client_credentials', client_id: 'id', client_secret: 'hidden-secret' };

describe('a sync', () => {
  test('prints a schema, records and states, and metrics on stderr, as ever', async () => {
    const { stdout, stderr, code } = await tap(['--config', await configFile()]);
    expect(code).toBe(0);
    expectGolden('tap-example.jsonl', stdout);
    expectGolden('tap-example.stderr', stderr);
  });

  test('of two streams prints each schema before its records, and a tombstone with both marks', async () => {
    const { stdout, stderr, code } = await books(['--config', await configFile({ credentials: machine })]);
    expect(code).toBe(0);
    expectGolden('tap-books.jsonl', stdout);
    expectGolden('tap-books.stderr', stderr);
  });

  test('resumes from the last state, whether bare, in its message, or as the lines of a target', async () => {
    const file = await configFile();
    const states = linesOf(await tap(['--config', file])).filter(({ type }) => type === 'STATE');
    const last = states.at(-1);
    const forms = [
      JSON.stringify(last?.value),
      JSON.stringify(last),
      `${states.map(({ value }) => JSON.stringify(value)).join('\n')}\n`,
    ];
    for (const form of forms) {
      const state = await fileOf(await temporaryFolder(), 'state.json', form);
      const again = await tap(['-c', file, '-s', state]);
      expect(kinds(again)).toEqual(['SCHEMA', 'STATE']);
    }
  });

  test('keeps the bookmarks of streams that are not selected this time', async () => {
    const folder = await temporaryFolder();
    const state = await fileOf(folder, 'state.json', { bookmarks: { gone: { at: 1 }, numbers: { id: 4 } } });
    const ended = await tap(['--config', await configFile(), '--state', state]);
    expect(linesOf(ended).at(-1)?.value).toEqual({
      bookmarks: { gone: { at: 1 }, numbers: { id: 5 } },
      currently_syncing: null,
    });
  });

  test('gives streams that are read as a whole a version and activates it once they are complete', async () => {
    const config = await configFile({ credentials: machine, emit_activate_version_messages: true });
    const lines = linesOf(await books(['--config', config]));
    const version = lines.find(({ type }) => type === 'ACTIVATE_VERSION')?.version;
    expect(version).toBeGreaterThan(1_700_000_000_000);
    const rates = lines
      .filter(({ stream }) => stream === 'tax_rates')
      .map(({ type, version: told }) => [type, told]);
    expect(rates).toEqual([
      ['SCHEMA', undefined],
      ['RECORD', version],
      ['ACTIVATE_VERSION', version],
    ]);
    expect(lines.some(({ stream, version: told }) => stream === 'invoices' && told !== undefined)).toBe(
      false,
    );
  });

  test('with a failed stream ends with a safe state that names it, one CRITICAL line and exit code 1', async () => {
    const config = await configFile({ credentials: { ...consent }, limits: { fail: true } });
    const ended = await books(['--config', config]);
    expect(linesOf(ended).at(-1)?.value).toEqual({
      bookmarks: { tax_rates: {}, invoices: { cursor: 2 } },
      currently_syncing: 'invoices',
    });
    expect(criticals(ended)).toEqual([expect.stringContaining('Cannot complete "invoices"')]);
    expect(ended.stderr).toContain('ERROR Page 2 was refused, secret ****');
    expect(ended.stderr).toContain('"status":"failed"');
    expect(ended.code).toBe(1);
  });

  test('warns when a credential was replaced that nothing keeps, and not with a token store', async () => {
    const first = await books(['--config', await configFile({ credentials: consent })]);
    expect(first.stderr).toContain('WARNING A credential was replaced during this run');
    expect(first.stderr).toContain('set "token_store"');
    const config = await configFile({ credentials: consent, token_store: '/tmp/unused' });
    expect((await books(['--config', config])).stderr).not.toContain('WARNING');
    expect(first.stdout + first.stderr).not.toContain('rotated-secret');
  });

  test('stopped by SIGTERM prints a last safe state and dies of the signal', async () => {
    const config = await configFile({ ...tapConfig, rows: 100_000, pause_milliseconds: 20 });
    const { child, ended } = await startTap(['--config', config]);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const { signal, code, stderr, stdout } = await ended;
    expect(signal ?? code).toBe('SIGTERM');
    const lines = linesOf({ stdout });
    const read = Math.max(...lines.map(({ record }) => Number(record?.id ?? 0)));
    expect(lines.at(-1)).toEqual({
      type: 'STATE',
      value: { bookmarks: { numbers: { id: read } }, currently_syncing: 'numbers' },
    });
    expect(criticals({ stderr })).toEqual([]);
  });

  test('whose reader goes away ends by itself with a failure', async () => {
    const { child, ended } = await startTap([
      '--config',
      await configFile({ ...tapConfig, rows: 1_000_000 }),
    ]);
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    expect((await ended).code).toBe(1);
  });

  test('delivers every line through a slow pipe', async () => {
    const config = await configFile({ ...tapConfig, rows: 60_000, state_every: 60_000 });
    const { child, ended } = await startTap(['--config', config]);
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), 500);
    const { stdout, code } = await ended;
    expect(linesOf({ stdout }).filter(({ type }) => type === 'RECORD')).toHaveLength(60_000);
    expect(code).toBe(0);
  });
});

describe('a catalog', () => {
  interface CatalogFile {
    streams: {
      tap_stream_id: string;
      metadata: { breadcrumb: string[]; metadata: Record<string, unknown> }[];
    }[];
  }

  async function discovered(): Promise<CatalogFile> {
    const { stdout, code } = await books([
      '--config',
      await configFile({ credentials: machine }),
      '--discover',
    ]);
    expect(code).toBe(0);
    return JSON.parse(stdout) as CatalogFile;
  }

  async function readWith(catalog: CatalogFile, flag = '--catalog') {
    const file = await fileOf(await temporaryFolder(), 'catalog.json', catalog);
    return books(['--config', await configFile({ credentials: machine }), flag, file]);
  }

  /** What Meltano does: deselects everything, then selects. Patterns are `stream` or `stream.Field.Field`. */
  function select(catalog: CatalogFile, chosen: readonly string[]): CatalogFile {
    for (const { tap_stream_id: id, metadata } of catalog.streams)
      for (const { breadcrumb, metadata: own } of metadata) {
        const path = [id, ...breadcrumb.filter((_, index) => index % 2 === 1)].join('.');
        own.selected = chosen.includes(path);
      }
    return catalog;
  }

  test('is all that --discover prints', async () => {
    const { streams } = await discovered();
    expect(streams).toMatchObject([
      {
        tap_stream_id: 'tax_rates',
        stream: 'tax_rates',
        key_properties: ['Name'],
        replication_method: 'FULL_TABLE',
        schema: { type: 'object', properties: { Name: { type: ['string', 'null'] } } },
        metadata: [
          {
            breadcrumb: [],
            metadata: {
              inclusion: 'available',
              'selected-by-default': true,
              'forced-replication-method': 'FULL_TABLE',
              'table-key-properties': ['Name'],
            },
          },
          { breadcrumb: ['properties', 'Name'], metadata: { inclusion: 'automatic' } },
          { breadcrumb: ['properties', 'Rate'], metadata: { inclusion: 'available' } },
        ],
      },
      {
        tap_stream_id: 'invoices',
        replication_key: 'UpdatedAt',
        key_properties: ['TenantID', 'InvoiceID'],
        metadata: [
          {
            metadata: {
              'forced-replication-method': 'INCREMENTAL',
              'valid-replication-keys': ['UpdatedAt'],
              'table-key-properties': ['TenantID', 'InvoiceID'],
            },
          },
          ...[1, 2, 3, 4, 5, 6, 7].map(() => ({})),
        ],
      },
    ]);
  });

  test.each(['--catalog', '--properties', '-p'])(
    'unedited, given by %s, reads every stream',
    async (flag) => {
      const ended = await readWith(await discovered(), flag);
      expect(new Set(linesOf(ended).flatMap(({ stream }) => stream ?? []))).toEqual(
        new Set(['tax_rates', 'invoices']),
      );
    },
  );

  test('with one stream and few fields selected reads those, the keys, the cursor and nothing else', async () => {
    const ended = await readWith(
      select(await discovered(), ['invoices', 'invoices.Contact', 'invoices.Contact.Name']),
    );
    const [schema, record] = linesOf(ended);
    const fields = ['TenantID', 'InvoiceID', 'UpdatedAt', 'Contact'];
    expect(Object.keys(schema?.schema?.properties ?? {})).toEqual(fields);
    expect(record?.record).toEqual({
      TenantID: 't',
      InvoiceID: '1',
      UpdatedAt: '2026-01-01T00:00:00Z',
      Contact: { Name: 'Contact 1' },
      Extra: 'not in the schema',
    });
    expect(linesOf(ended).every(({ stream = 'invoices' }) => stream === 'invoices')).toBe(true);
  });

  test('with an object selected but none of its fields sends it whole', async () => {
    const ended = await readWith(select(await discovered(), ['invoices', 'invoices.Contact']));
    expect(linesOf(ended)[1]?.record?.Contact).toEqual({ Name: 'Contact 1', Email: 'c1@example.com' });
  });

  test('with nothing selected reads nothing, says so, and ends well', async () => {
    const ended = await readWith(select(await discovered(), []));
    expect(kinds(ended)).toEqual(['STATE']);
    expect(ended.stderr).toContain('WARNING No stream is selected');
    expect(ended.code).toBe(0);
  });
});

describe('the configuration', () => {
  const counted = async (args: readonly string[], env: Record<string, string> = {}) =>
    linesOf(await books(args, { env })).filter(
      ({ type, stream }) => type === 'RECORD' && stream === 'invoices',
    ).length;

  test.each([
    ['nested as the spec has it', { credentials: machine, limits: { rows: 4 } }],
    [
      'by dotted names',
      { 'credentials.client_id': 'id', 'credentials.client_secret': 's3cret', 'limits.rows': 4 },
    ],
    [
      'by names with two underscores',
      { credentials__client_id: 'i', credentials__client_secret: 's', limits__rows: 4 },
    ],
    ['by names that only one place has, as text', { client_id: 'id', client_secret: 's3cret', rows: '4' }],
    ['with nulls for what is not set', { credentials: machine, rows: 4, tenants: null, token_store: null }],
  ])('is taken %s', async (_, config) => {
    expect(await counted(['--config', await configFile(config)])).toBe(5);
  });

  test('is merged from several files and the environment, later ones winning', async () => {
    const first = await configFile({ credentials: { client_id: 'id' }, limits: { rows: 9 } });
    const second = await configFile({ credentials: { client_secret: 's3cret' } });
    const env = { TAP_BOOKS_LIMITS_ROWS: '4' };
    expect(await counted(['--config', first, '--config', second, '--config', 'ENV'], env)).toBe(5);
  });

  test.each([
    ['one underscore', { TAP_BOOKS_CREDENTIALS_CLIENT_ID: 'id', TAP_BOOKS_CREDENTIALS_CLIENT_SECRET: 's' }],
    [
      'two underscores',
      { TAP_BOOKS_CREDENTIALS__CLIENT_ID: 'id', TAP_BOOKS_CREDENTIALS__CLIENT_SECRET: 's' },
    ],
    ['the short names', { TAP_BOOKS_CLIENT_ID: 'id', TAP_BOOKS_CLIENT_SECRET: 's' }],
    ['an object as JSON', { TAP_BOOKS_CREDENTIALS: '{"client_id":"id","client_secret":"s"}' }],
  ])('is read from the environment by %s', async (_, env) => {
    expect(await counted(['--config=ENV'], { ...env, TAP_BOOKS_TENANTS: '["a"]', TAP_BOOKS_ROWS: '4' })).toBe(
      5,
    );
  });

  test('chooses the credentials by what is there', async () => {
    const said = async (config: unknown) =>
      (await books(['--test', '--config', await configFile(config)])).stderr;
    expect(await said({ credentials: { client_id: 'i', refresh_token: 'r' } })).toContain(
      'Signed in by oauth2',
    );
    expect(await said({ credentials: consent })).toContain('Signed in by oauth2');
    expect(await said({ client_id: 'i', client_secret: 's' })).toContain('Signed in by client_credentials');
  });

  test('that nobody reads is warned of', async () => {
    const { stderr } = await tap(['--config', await configFile({ ...tapConfig, rwos: 1 })]);
    expect(stderr).toContain('WARNING Setting "rwos" is not known and has no effect: check its spelling');
  });
});

describe('what cannot be used', () => {
  test.each([
    ['no config', [], tapConfig, 'pass --config FILE, or --config ENV'],
    ['a field is missing', ['--config', 'CONFIG'], { rows: 1 }, '"api_key" is missing'],
    [
      'a field has the wrong type',
      ['--config', 'CONFIG'],
      { ...tapConfig, rows: 'many' },
      '"rows" must be integer',
    ],
    ['the config is not JSON', ['--config', 'BAD'], tapConfig, 'is not JSON'],
    ['the config is not there', ['--config', '/nowhere'], tapConfig, 'there is no such file'],
    ['the catalog is not JSON', ['--config', 'CONFIG', '--catalog', 'BAD'], tapConfig, 'Cannot use catalog'],
    ['the state is not JSON', ['--config', 'CONFIG', '--state', 'BAD'], tapConfig, 'Cannot read state'],
    ['a flag is unknown', ['--confg', 'CONFIG'], tapConfig, "unknown option '--confg'"],
  ])('ends with one CRITICAL line and exit code 1 when %s', async (_, args, config, words) => {
    const folder = await temporaryFolder();
    const paths: Record<string, string> = {
      CONFIG: await fileOf(folder, 'config.json', config),
      BAD: await fileOf(folder, 'bad.json', `{"api_key": "${secret}"`),
    };
    const ended = await tap(args.map((arg) => paths[arg] ?? arg));
    expect(criticals(ended)).toEqual([expect.stringContaining(words)]);
    expect(ended.stdout).toBe('');
    expect(ended.code).toBe(1);
    expect(ended.stderr).not.toContain(secret);
  });
});

describe('--about', () => {
  test('as JSON tells the flattened settings, secrets marked twice, hidden ones left out', async () => {
    const { stdout, code } = await books(['--about', '--format=json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'tap-books',
      version: '1.2.3',
      capabilities: expect.arrayContaining(['about', 'catalog', 'discover', 'state', 'test']),
      settings: {
        type: 'object',
        required: ['credentials.client_id'],
        properties: {
          'credentials.auth_type': { type: 'string', enum: ['oauth2', 'client_credentials'] },
          'credentials.client_secret': { type: 'string', secret: true, writeOnly: true },
          'credentials.refresh_token': { description: 'Replaced with every use.' },
          'limits.rows': { type: 'integer', default: 2 },
          tenants: { type: 'array' },
          emit_activate_version_messages: { type: 'boolean', default: false },
        },
      },
    });
    expect(stdout).not.toContain('limits.fail');
    expect(stdout).not.toContain('airbyte_');
  });

  test('as text and as markdown names every setting and its variable', async () => {
    const [plain, markdown] = await Promise.all([tap(['--about']), tap(['--about', '--format', 'markdown'])]);
    expect(plain.stdout).toContain('Environment Variable: TAP_EXAMPLE_API_KEY');
    expect(markdown.stdout).toMatch(/^# `tap-example` 0\.1\.0\n/);
    expect(markdown.stdout).toContain('| `api_key` | yes | yes |  | API key |');
  });

  test('and --version need no configuration', async () => {
    expect((await tap(['--version'])).stdout).toBe('tap-example v0.1.0\n');
  });
});

describe('--test', () => {
  test('reads one record of each stream and prints none', async () => {
    const ended = await books(['--test', '--config', await configFile({ credentials: machine })]);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('INFO Stream "invoices": a record was read');
    expect(ended.code).toBe(0);
  });

  test('fails with the reason when the connection does', async () => {
    const ended = await tap(['--test', '--config', await configFile({ ...tapConfig, api_key: 'wrong' })]);
    expect(criticals(ended)).toEqual(['CRITICAL The API key was refused: copy it again']);
    expect(ended.code).toBe(1);
  });

  test('=schema prints the schemas alone', async () => {
    const ended = await books(['--test=schema', '--config', await configFile({ credentials: machine })]);
    expect(linesOf(ended).map(({ type, stream }) => [type, stream])).toEqual([
      ['SCHEMA', 'tax_rates'],
      ['SCHEMA', 'invoices'],
    ]);
  });
});

describe('under the name of the source', () => {
  test('flags without a verb make it a tap, and a verb makes it Airbyte’s', async () => {
    const main = './example-source/main.ts';
    const file = await configFile();
    const asTap = await run(main, ['--config', file, '--discover']);
    expect(JSON.parse(asTap.stdout)).toMatchObject({ streams: [{ tap_stream_id: 'numbers' }] });
    const asSource = await run(main, ['discover', '--config', file]);
    expect(asSource.messages).toMatchObject([{ type: 'CATALOG' }]);
  });
});
