// Sessions: one sign-in per site and run, tokens that end each other, and a way back when one is ended from outside.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { catalog, complete, openOffice, row, state, statesIn } from './office.ts';

const text = { type: ['null', 'string'] };
const notes = catalog({ notes: { properties: { id: text, TenantID: text } } });
const note = (id: string, tenant: string) => row('notes', { id, TenantID: tenant });

const sites = [
  { contentUrl: 'books' },
  { contentUrl: 'north', projects: [{ name: 'Ledgers' }] },
  { contentUrl: 'south' },
];
const routes = [
  { tenant: 'n', site: 'north', project: 'Ledgers', name_prefix: 'North ' },
  { tenant: 's', site: 'south' },
];

test('each site is signed in to once and signed out of, though they share a personal access token', async () => {
  const office = await openOffice({ sites });
  const messages = await office.write(
    [note('1', 'n'), note('2', 's'), note('3', 'x'), state('notes', 1), complete('notes')],
    notes,
    { routes },
  );
  expect(statesIn(messages)).toBe(1);
  const signIns = office.emulator.signIns().map(({ site }) => site);
  expect([...signIns].sort()).toEqual(['books', 'north', 'south']);
  expect(office.emulator.sessions.live).toBe(0);
  expect(
    office.emulator
      .sources()
      .map(({ name, site, project }) => `${site}/${project}/${name}`)
      .sort(),
  ).toEqual(['books/Default/notes', 'north/Ledgers/North notes', 'south/Default/notes']);
  const ids = async (site: string, name: string) =>
    (await office.emulator.rows({ name, site }, 'notes', 'SELECT "id" FROM {table} ORDER BY 1')).map(
      ({ id }) => id,
    );
  expect([
    await ids('north', 'North notes'),
    await ids('south', 'notes'),
    await ids('books', 'notes'),
  ]).toEqual([['1'], ['2'], ['3']]);
});

for (const patSwitchesSite of [true, false])
  test(`several segments go back and forth between sites, where tokens ${patSwitchesSite ? 'may' : 'may not'} switch sites`, async () => {
    const office = await openOffice({ sites, switches: { patSwitchesSite } });
    const big = 'x'.repeat(200_000);
    const input = Array.from({ length: 12 }, (_, index) =>
      row('notes', { id: `${index}`, TenantID: index % 2 === 0 ? 'n' : 's', text: big }),
    );
    const long = catalog({ notes: { properties: { id: text, TenantID: text, text } } });
    const messages = await office.write([...input, state('notes', 1), complete('notes')], long, {
      routes,
      segment_megabytes: 1,
    });
    expect(statesIn(messages)).toBe(1);
    const counts = await Promise.all(
      [
        { name: 'North notes', site: 'north' },
        { name: 'notes', site: 'south' },
      ].map(async (source) => {
        const [found] = await office.emulator.rows(source, 'notes', 'SELECT count(*) AS n FROM {table}');
        return Number(found?.n);
      }),
    );
    expect(counts).toEqual([6, 6]);
    const signIns = office.emulator.requests.filter(({ url }) => url.pathname.endsWith('/auth/signin'));
    if (patSwitchesSite) expect(signIns).toHaveLength(2);
    expect(office.emulator.sessions.live).toBe(0);
  });

test('sites with credentials of their own use these', async () => {
  const users = [
    { name: 'loader@example.com', tokens: [{ name: 'one', secret: 'secret-one' }] },
    { name: 'north@example.com', tokens: [{ name: 'two', secret: 'secret-two' }] },
  ];
  const office = await openOffice({ sites, users });
  const own = { auth_type: 'pat', token_name: 'two', token_secret: 'secret-two' };
  await office.write([note('1', 'n'), note('2', 'x'), complete('notes')], notes, {
    routes: [{ ...routes[0], credentials: own }],
  });
  expect(
    office.emulator
      .signIns()
      .map(({ user, site }) => `${user} ${site}`)
      .sort(),
  ).toEqual(['loader@example.com books', 'north@example.com north']);
});

test('a session that was ended in the middle is renewed once', async () => {
  const office = await openOffice({ pace: { run: 2_000 } });
  let ended = false;
  const watch = setInterval(() => {
    if (!ended && office.emulator.jobs.log.length > 0) {
      ended = true;
      office.emulator.sessions.endAll();
    }
  }, 1);
  const messages = await office.write([note('1', 'x'), state('notes', 1), complete('notes')], notes);
  clearInterval(watch);
  expect(statesIn(messages)).toBe(1);
  expect(office.emulator.signIns().length).toBeLessThanOrEqual(2);
  expect(await office.emulator.rows('notes', 'notes', 'SELECT "id" FROM {table}')).toEqual([{ id: '1' }]);
});

test('a token that another program uses all the time is an error that says so', async () => {
  const office = await openOffice();
  office.emulator.faults.add({
    path: /\/sites\//,
    times: 1000,
    does: {
      kind: 'answer',
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"code":"401002","summary":"Unauthorized Access","detail":"Invalid authentication credentials were provided."}}',
    },
  });
  await expect(office.write([note('1', 'x'), complete('notes')], notes)).rejects.toThrow(
    /another program signs in with the same token.*for this connector alone/,
  );
});

test('a Connected App signs in with a token of five minutes, for its user, with the scopes that are used', async () => {
  const office = await openOffice();
  const { connectedApp } = office.emulator.config;
  const credentials = {
    auth_type: 'connected_app',
    client_id: connectedApp.clientId,
    secret_id: connectedApp.secretId,
    secret_value: connectedApp.secretValue,
    username: connectedApp.username,
  };
  const messages = await office.write([note('1', 'x'), state('notes', 1), complete('notes')], notes, {
    credentials,
  });
  await office.write([note('2', 'x'), complete('notes')], notes, { credentials });
  expect(statesIn(messages)).toBe(1);
  expect(office.emulator.signIns().map(({ method }) => method)).toEqual(['jwt', 'jwt']);
  const sent = office.emulator.requests.find(({ url }) => url.pathname.endsWith('/auth/signin'));
  const { jwt } = JSON.parse(sent?.body.toString() ?? '{}').credentials as { jwt: string };
  expect(decodeProtectedHeader(jwt)).toMatchObject({
    alg: 'HS256',
    kid: connectedApp.secretId,
    iss: connectedApp.clientId,
  });
  const claims = decodeJwt(jwt);
  expect(claims).toMatchObject({ aud: 'tableau', sub: connectedApp.username, iss: connectedApp.clientId });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  expect(claims.scp).toEqual(expect.arrayContaining(['tableau:hyper_data:update', 'tableau:jobs:read']));
  expect((await office.check({ credentials })).ok).toBe(true);
});

test('user name and password sign in too', async () => {
  const office = await openOffice({ kind: 'server' });
  const { user } = office.emulator.config;
  const credentials = { auth_type: 'password', username: user.name, password: user.password };
  expect(await office.check({ credentials })).toMatchObject({ ok: true });
  await office.write([note('1', 'x'), complete('notes')], notes, { credentials });
  expect(office.emulator.signIns().at(-1)).toMatchObject({ method: 'password' });
});
