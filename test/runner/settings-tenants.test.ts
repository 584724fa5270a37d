// Tenants: one run for each, with what differs, with the right consent, and fast for a thousand of them.
import { expect, test } from 'vitest';
import { readSettings, refuseProblems, runsOf, secretOf } from '../../runner/settings/index.ts';
import { fileOf, temporaryFolder } from '../program.ts';

const read = async (text: string) =>
  readSettings(await fileOf(await temporaryFolder(), 'ledgerpipe.yaml', text), { S: 'secret' });

const xero = (tenants: string) => `pipelines:
  books:
    source:
      connector: source-xero
      config:
        credentials: { auth_type: oauth2, client_id: id, refresh_token: "\${S}" }
        token_store: tokens
        reports: { refresh_months: 2, cash_basis: true }
    destination:
      connector: destination-tableau
      config:
        server: https://tableau.example.com
        credentials: { auth_type: pat, token_name: n, token_secret: "\${S}" }
        project: All
    schedules: default
    tenants:
${tenants}
  other:
    source: { connector: ./theirs }
    destination: { connector: ./mine }
`;

test('each tenant of Xero is a run of its own, on the one consent, with its own place to go', async () => {
  const settings = await read(
    xero(`      - { tenant: aaa-1, name: acme, destination: { site: acme, project: Ledger } }
      - { tenant: bbb-2, source: { reports: { cash_basis: false } } }`),
  );
  expect(Object.keys(settings.pipelines)).toEqual(['books.acme', 'books.bbb-2', 'other']);
  const [acme, second] = runsOf(settings, 'books');
  expect(acme).toMatchObject({
    ...{ name: 'books.acme', base: 'books', tenant: 'aaa-1', tenants: ['aaa-1'], connection: 'books' },
    ...{ exclusive: false, problems: [] },
  });
  expect(acme?.source.config).toMatchObject({ tenant_ids: ['aaa-1'], token_store: 'tokens' });
  expect(acme?.destination.config).toMatchObject({
    site: 'acme',
    project: 'Ledger',
    credentials: { token_name: 'n' },
  });
  expect(second?.source.config).toMatchObject({
    tenant_ids: ['bbb-2'],
    reports: { refresh_months: 2, cash_basis: false },
  });
  expect(second?.destination.config).toMatchObject({ project: 'All' });
  expect([acme, second].map((run) => run && secretOf(run))).toEqual(['config:books', 'config:books']);
  expect(acme?.schedules).toHaveLength(2);
  expect(settings.warnings).toEqual([]);
});

test('a run is found by its own name, a pipeline by its name, and another name is refused with the nearest', async () => {
  const settings = await read(xero('      - { tenant: a }\n      - { tenant: b }'));
  expect(runsOf(settings, 'books.b').map(({ name }) => name)).toEqual(['books.b']);
  expect(runsOf(settings, 'books').map(({ name }) => name)).toEqual(['books.a', 'books.b']);
  expect(runsOf(settings, 'other').map(({ name }) => name)).toEqual(['other']);
  expect(() => runsOf(settings, 'boks')).toThrow('Unknown pipeline "boks": did you mean "books"?');
  expect(() => runsOf(settings, 'zzz')).toThrow('Unknown pipeline "zzz": the file has books, other');
});

test('each company of QuickBooks has its own consent, and so its own tokens', async () => {
  const settings = await read(`pipelines:
  books:
    source:
      connector: source-quickbooks
      config:
        credentials: { auth_type: oauth2, client_id: id, client_secret: "\${S}", refresh_token: "\${S}" }
        token_store: /tokens
    destination: { connector: ./mine }
    tenants:
      - { tenant: "111", name: one }
      - { tenant: "222", name: two, source: { token_store: /elsewhere } }
`);
  const runs = runsOf(settings, 'books');
  expect(runs.map(({ connection, tenants }) => [connection, tenants])).toEqual([
    ['books.one', ['111']],
    ['books.two', ['222']],
  ]);
  expect(runs.map(({ source }) => [source.config.realm_id, source.config.token_store])).toEqual([
    ['111', '/tokens.books.one'],
    ['222', '/elsewhere'],
  ]);
});

test('a tenant of Xero with credentials of its own has a connection of its own', async () => {
  const settings = await read(
    xero(`      - { tenant: a, source: { credentials: { refresh_token: "\${S}" } } }\n      - { tenant: b }`),
  );
  expect(runsOf(settings, 'books').map(({ connection }) => connection)).toEqual(['books.a', 'books']);
});

test('pipelines may name one connection, which must be of one connector', async () => {
  const text = (connector: string) => `pipelines:
  a: { source: { connector: ./s, connection: shared }, destination: { connector: ./d } }
  b: { source: { connector: ${connector}, connection: shared }, destination: { connector: ./d } }
`;
  const { pipelines } = await read(text('./s'));
  expect([pipelines.a, pipelines.b].map((run) => run?.connection)).toEqual(['shared', 'shared']);
  await expect(read(text('./t'))).rejects.toThrow(
    'line 3, column 46: Connection "shared" is that of another connector, in pipeline "a": choose another name',
  );
});

test.each([
  [
    'two of the same name',
    '      - { tenant: a, name: x }\n      - { tenant: b, name: x }',
    /line 18, column 28: There are two tenants "books.x"/,
  ],
  [
    'one that is no name',
    '      - { tenant: "Acme Ltd" }',
    /line 17, column 19: Tenant "Acme Ltd" cannot be the name of a run: give it a "name"/,
  ],
  [
    'a misspelled field',
    '      - { tenant: a, destinations: {} }',
    /line 17, column 22: .* did you mean "destination"\?/,
  ],
  ['none', '      []', /"pipelines.books.tenants" must have 1 or more entries/],
])('tenants are refused: %s', async (_, tenants, words) => {
  await expect(read(xero(tenants))).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(words),
  });
});

test('what is wrong with one tenant is its own problem, with the place of it', async () => {
  const settings = await read(
    xero(`      - { tenant: a, destination: { layout: round } }
      - { tenant: b, destination: { sites: b } }`),
  );
  const [a, b] = runsOf(settings, 'books');
  expect(a?.problems).toEqual([
    {
      ...{ line: 17, column: 45 },
      message:
        '"pipelines.books.tenants.0.destination.layout" must be one of "stream", "star", found "round"',
    },
  ]);
  expect(b?.problems).toEqual([]);
  expect(settings.warnings.map(({ line, column, message }) => [line, column, message])).toEqual([
    [18, 37, '"pipelines.books.tenants.1.destination.sites" is unknown: did you mean "site"?'],
  ]);
  expect(() => a && refuseProblems(settings, a)).toThrow(/: line 17, column 45: "pipelines.books.tenants.0/);
  expect(() => b && refuseProblems(settings, b)).not.toThrow();
});

test('a problem of the pipeline itself is told for all of its tenants, and as one', async () => {
  const settings = await read(
    xero('      - { tenant: a }\n      - { tenant: b }').replace(
      'project: All',
      'project: All\n        sitee: x',
    ),
  );
  expect(settings.warnings).toEqual([
    {
      line: 15,
      column: 9,
      message: '"pipelines.books.destination.config.sitee" is unknown: did you mean "site"?',
    },
  ]);
});

test('a thousand tenants are read within two seconds of processor time', async () => {
  const lines = Array.from(
    { length: 1_000 },
    (_, index) => `      - { tenant: t-${index}, destination: { site: s${index}, project: Ledger } }`,
  );
  const text = xero(lines.join('\n'));
  await read(xero('      - { tenant: a }'));
  const begun = process.cpuUsage();
  const settings = await read(text);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1_000).toBeLessThan(2_000);
  expect(runsOf(settings, 'books')).toHaveLength(1_000);
  expect(settings.pipelines['books.t-999']?.destination.config).toMatchObject({ site: 's999' });
});

test('one refresh token under two names is warned of, unless a store or a connection passes rotations on', async () => {
  const pipeline = (more: string, connection = '') =>
    `source: { connector: source-xero, ${connection} config: { credentials: { auth_type: oauth2, client_id: i, refresh_token: "\${S}" }${more} } }`;
  const text = (more: string, connection?: string) => `pipelines:
  a: { ${pipeline(more, connection)}, destination: { connector: ./d } }
  b: { ${pipeline(more, connection)}, destination: { connector: ./e } }
`;
  const { warnings } = await read(text(''));
  expect(warnings.map(({ line, message }) => [line, message])).toEqual([
    [3, expect.stringMatching(/^"a" has the same refresh token, which each use replaces: give both/)],
  ]);
  expect((await read(text(', token_store: t'))).warnings).toEqual([]);
  expect((await read(text('', 'connection: acme,'))).warnings).toEqual([]);
});
