// Bad input: each has its own message, with Tableau's code where Tableau said something, and the remedy.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../program.ts';
import { catalog, complete, type Office, openOffice, row, type Settings } from './office.ts';

const text = { type: ['null', 'string'] };
const notes = catalog({ notes: { properties: { id: text, text } } });
const one = [row('notes', { id: 'a', text: 'one' }), complete('notes')];

/** What `check` and what `write` say about the same setting. */
async function said(
  office: Office,
  changes: Settings = {},
): Promise<readonly [check: string, write: string]> {
  const checked = await office.check(changes);
  expect(checked.ok).toBe(false);
  const written = await office.write(one, notes, changes).then(
    () => 'written',
    (error: Error) => error.message,
  );
  return [checked.message, written];
}

test('an expired token', async () => {
  const office = await openOffice();
  office.emulator.revokeToken('ledgerpipe');
  for (const message of await said(office))
    expect(message).toMatch(/Cannot sign in to site "books".*\(401001\).*make a new one if it has expired/);
});

test('a site that is not there', async () => {
  const office = await openOffice();
  for (const message of await said(office, { site: 'boks' }))
    expect(message).toMatch(/Cannot sign in to site "boks".*\(40\d{4}\).*check the site/s);
});

test('a site role below Explorer (can publish)', async () => {
  const office = await openOffice();
  office.emulator.setRole('loader@example.com', 'books', 'Explorer');
  const [checked, written] = await said(office);
  expect(checked).toMatch(
    /site role "Explorer".*ask a site administrator for "Explorer \(can publish\)".*403004/,
  );
  expect(written).toMatch(/\(403\d{3}\)/);
  expect(written).toMatch(/Explorer \(can publish\)|permission to publish/);
});

test('a project that is not there, and one that may not be written to', async () => {
  const projects = [{ name: 'Finance', writeable: false, projects: [{ name: 'GL' }] }];
  const office = await openOffice({ sites: [{ contentUrl: 'books', projects }] });
  for (const message of await said(office, { project: 'Finance/AR' }))
    expect(message).toMatch(/Cannot find project "Finance\/AR".*there is no "AR" \(there: "GL"\)/);
  const [checked, written] = await said(office, { project: 'Finance' });
  expect(checked).toMatch(/may not write in it.*ask its leader/);
  expect(written).toMatch(/Cannot publish data source "notes".*\(403\d{3}\)/);
  await office.write(one, notes, { project: 'finance/gl' });
  expect(office.emulator.sources()).toMatchObject([{ project: 'Finance/GL' }]);
});

test('a name taken by an extract over a database', async () => {
  const office = await openOffice();
  office.emulator.addExtract({ name: 'Notes' });
  await expect(office.write(one, notes)).rejects.toThrow(
    /another one has that name \(it is connected to "postgres"\).*choose another "name_prefix"/,
  );
  await office.write(one, notes, { name_prefix: 'Books ' });
  expect(office.emulator.sources().map(({ name }) => name)).toEqual(['Notes', 'Books notes']);
});

test('a schema that no longer matches, until the data source is gone', async () => {
  const office = await openOffice();
  await office.write(one, notes);
  const changed = catalog({ notes: { properties: { id: text, text: { type: 'boolean' } } } });
  await expect(
    office.write([row('notes', { id: 'b', text: true }), complete('notes')], changed),
  ).rejects.toThrow(
    /column "text" of its table "notes" is text and the stream now has boolean.*delete the data source/,
  );
});

test('a payload that Tableau finds too large is halved until it fits', async () => {
  const office = await openOffice({ switches: { payloadCapMegabytes: 1 } });
  await office.write(one, notes);
  office.newJobs();
  const many = Array.from({ length: 3000 }, (_, index) => {
    const noise = Array.from({ length: 40 }, (_unused, place) =>
      ((index * 7919 + place * 104729) % 99991).toString(36),
    );
    return row('notes', { id: `n${index}`, text: noise.join('') + Math.random() });
  });
  await office.write([...many, complete('notes')], notes, { update_megabytes: 0.2 });
  expect(office.newJobs().length).toBeGreaterThan(1);
  const [found] = await office.emulator.rows('notes', 'notes', 'SELECT count(*) AS n FROM {table}');
  expect(Number(found?.n)).toBe(3001);
});

test('a server that takes no update at all', async () => {
  const office = await openOffice();
  await office.write(one, notes);
  office.emulator.faults.add({
    method: 'PATCH',
    times: 1000,
    does: { kind: 'answer', status: 413, body: '' },
  });
  await expect(
    office.write([row('notes', { id: 'b', text: 'two' }), complete('notes')], notes, {
      update_megabytes: 0.3,
    }),
  ).rejects.toThrow(/\(413\).*api\.server\.update_uploaded_file\.max_size_in_mb/);
});

test('a hyperd that is none, one that refuses its license flag, one that does not know a setting', async () => {
  const office = await openOffice();
  const folder = await temporaryFolder();
  const script = async (name: string, body: string) => {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const missing = await said(office, { hyperd_path: join(folder, 'nothing') });
  for (const message of missing) expect(message).toMatch(/is no executable file, correct "hyperd_path"/);
  const refusing = await script(
    'refusing',
    'echo "license check failed: --skip-license is not allowed" >&2; exit 1',
  );
  for (const message of await said(office, { hyperd_path: refusing }))
    expect(message).toMatch(/refuses to run without a license check.*take the hyperd of the Hyper API/);
  const old = await script('old', 'echo "Unknown setting default-database-version" >&2; exit 1');
  for (const message of await said(office, { hyperd_path: old }))
    expect(message).toMatch(/does not know a setting.*Hyper API 0\.0\.23576/);
});

test('a server that is none, one that is too old, http over the network', async () => {
  const office = await openOffice({ version: '3.11' });
  for (const message of await said(office))
    expect(message).toMatch(/REST API is version 3\.11.*upgrade the server/);
  expect((await office.check({ server: 'http://tableau.example.com' })).message).toMatch(/https only/);
  expect((await office.check({ server: ' ' })).message).toMatch(/it is no address/);
});

test('routes that name a tenant twice, and two tenants whose sources would have one name', async () => {
  const office = await openOffice();
  const twice = [{ tenant: 'a' }, { tenant: 'a', site: 'north' }];
  expect((await office.check({ routes: twice })).message).toMatch(/lists tenant "a" twice/);
  const owned = catalog({
    notes: { properties: { id: text, TenantID: text } },
    'x notes': { properties: { id: text, TenantID: text } },
  });
  await expect(
    office.write(
      [
        row('notes', { id: '1', TenantID: 'a' }),
        row('x notes', { id: '1', TenantID: 'b' }),
        complete('notes'),
        complete('x notes'),
      ],
      owned,
      { routes: [{ tenant: 'a', name_prefix: 'x ' }] },
    ),
  ).rejects.toThrow(/another one has data source "x notes" in project "Default" too/);
});

test('check names what it verified', async () => {
  const office = await openOffice();
  expect((await office.check()).message).toMatch(
    /^Verified: server .*REST API 3\.29\); signed in to site "books"; site role "Creator"; project "default".*; may upload.*; jobs can be read; hyperd makes \.hyper files of version 2$/,
  );
  expect(office.emulator.sessions.live).toBe(0);
});

test('check tells a Connected App of an old server to use a token instead', async () => {
  const office = await openOffice({ version: '3.24' });
  const { connectedApp } = office.emulator.config;
  const credentials = {
    auth_type: 'connected_app',
    client_id: connectedApp.clientId,
    secret_id: connectedApp.secretId,
    secret_value: connectedApp.secretValue,
    username: connectedApp.username,
  };
  const { ok, message } = await office.check({ credentials });
  expect(ok).toBe(false);
  expect(message).toMatch(/Cannot read jobs.*use a personal access token/);
  const wrong = { ...credentials, secret_id: '00000000-0000-4000-8000-000000000000' };
  expect((await office.check({ credentials: wrong })).message).toMatch(
    /the secret is missing, check "secret_id"/,
  );
  const nobody = { ...credentials, username: 'nobody@example.com' };
  expect((await office.check({ credentials: nobody })).message).toMatch(/no user of the site has the name/);
});
