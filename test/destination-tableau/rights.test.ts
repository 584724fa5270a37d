// What `check` says of data sources that are there: whose they are, and whether they may still be changed.
import { expect, test } from 'vitest';
import { usualUser } from '../emulators/tableau/seed.ts';
import { catalog, complete, type Office, openOffice, row } from './office.ts';

const text = { type: ['null', 'string'] };
const notes = catalog({ notes: { properties: { id: text } } });

const other = {
  name: 'other@example.com',
  tokens: [{ name: 'other', secret: 'b3RoZXI=:Zm9yLXRlc3RzLW9ubHk' }],
} as const;
const asOther = {
  credentials: { auth_type: 'pat', token_name: 'other', token_secret: other.tokens[0].secret },
};

interface Signed {
  readonly token: string;
  readonly user: { readonly id: string };
  readonly site: { readonly id: string };
}

const headers = { 'content-type': 'application/json', accept: 'application/json' };

async function signIn({ emulator }: Office, token: { name: string; secret: string }): Promise<Signed> {
  const answer = await fetch(`${emulator.url}/api/3.29/auth/signin`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      credentials: {
        personalAccessTokenName: token.name,
        personalAccessTokenSecret: token.secret,
        site: { contentUrl: 'books' },
      },
    }),
  });
  return ((await answer.json()) as { credentials: Signed }).credentials;
}

/** The owner says what the other user may do. */
async function permit(office: Office, capabilities: Readonly<Record<string, 'Allow' | 'Deny'>>) {
  const { id } = (await signIn(office, other.tokens[0])).user;
  const owner = await signIn(office, office.emulator.config.pat);
  const [source] = office.emulator.sources();
  const capability = Object.entries(capabilities).map(([name, mode]) => ({ name, mode }));
  const answer = await fetch(
    `${office.emulator.url}/api/3.29/sites/${owner.site.id}/datasources/${source?.id}/permissions`,
    {
      method: 'PUT',
      headers: { ...headers, 'x-tableau-auth': owner.token },
      body: JSON.stringify({
        permissions: { granteeCapabilities: [{ user: { id }, capabilities: { capability } }] },
      }),
    },
  );
  expect(answer.status, await answer.text()).toBe(200);
}

test('check tells own data sources from those of others, and refuses what another one denies', async () => {
  const office = await openOffice({ users: [usualUser, other] });
  expect((await office.check()).message).toMatch(/own data sources there: none yet/);
  await office.write([row('notes', { id: 'a' }), complete('notes')], notes);
  expect((await office.check()).message).toMatch(/own data sources there: 1, live, may be changed/);
  expect(await office.check(asOther)).toMatchObject({
    ok: true,
    message: expect.stringMatching(/1, live, the right to change 1 of them not told/),
  });
  await permit(office, { Read: 'Allow', ChangePermissions: 'Allow', Write: 'Deny' });
  expect(await office.check(asOther)).toMatchObject({
    ok: false,
    message: expect.stringMatching(
      /Cannot change data source "notes".*deny "Overwrite".*403004.*ask its owner/,
    ),
  });
  await permit(office, { Write: 'Allow' });
  expect((await office.check(asOther)).message).toMatch(/own data sources there: 1, live, may be changed/);
  office.emulator.setRole(other.name, 'books', 'SiteAdministratorExplorer');
  await permit(office, { Write: 'Deny' });
  expect(await office.check(asOther)).toMatchObject({ ok: true });
});

test('a data source that was put over a database meanwhile is refused by check', async () => {
  const office = await openOffice();
  office.emulator.addExtract({ name: 'Ledger' });
  const signed = await signIn(office, office.emulator.config.pat);
  const [source] = office.emulator.sources();
  await fetch(`${office.emulator.url}/api/3.29/sites/${signed.site.id}/datasources/${source?.id}/tags`, {
    method: 'PUT',
    headers: { ...headers, 'x-tableau-auth': signed.token },
    body: JSON.stringify({ tags: { tag: [{ label: 'ledgerpipe' }] } }),
  });
  expect((await office.check()).message).toMatch(/Cannot update data source "Ledger".*it is connected to/);
});
