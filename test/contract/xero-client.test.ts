// The official client of Xero, unchanged, works with the emulator: consent, tokens, and lists that equal the books.
import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { type Invoice, XeroClient } from 'xero-node';
import { type Books, generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { READ_SCOPES, startXero, UNLIMITED, type XeroEmulator } from '../emulators/xero/index.ts';

/** What is needed of the client's own HTTP library: a place to change addresses. */
interface Axios {
  readonly interceptors: {
    readonly request: {
      use(change: (config: { url?: string }) => { url?: string }): number;
      eject(id: number): void;
    };
  };
}

/** Of its OpenID library: a look at the discovery document. */
interface OpenId {
  readonly Issuer: {
    discover(url: string): Promise<{ readonly Client: new (metadata: object) => XeroClient['openIdClient'] }>;
  };
}

const require = createRequire(import.meta.resolve('xero-node'));
const REDIRECT = 'http://localhost:3000/callback';
const PAGE = 40;

interface Connected {
  readonly xero: XeroEmulator;
  readonly books: Books;
  readonly client: XeroClient;
  readonly tenant: string;
}

/** The client knows no other addresses than Xero's own, so its requests are sent on to the emulator. */
async function connect(options: { readonly documents?: number } = {}): Promise<Connected> {
  const { documents = 150 } = options;
  const books = generateBooks({ seed: 31, documents });
  const xero = await startXero({
    companies: [books],
    clock: fastClock(),
    limits: UNLIMITED,
    app: { redirectUris: [REDIRECT] },
    switches: { consent: 'allow', journals: true },
  });
  onTestFinished(() => xero.close());
  const { request } = (require('axios') as Axios).interceptors;
  const id = request.use((config) => ({
    ...config,
    url: (config.url ?? '').replace(/^https:\/\/(api|identity)\.xero\.com/, xero.url),
  }));
  onTestFinished(() => request.eject(id));
  const { clientId, clientSecret } = xero.app;
  const scopes = ['openid', 'profile', 'email', 'offline_access', ...READ_SCOPES];
  const client = new XeroClient({
    ...{ clientId, clientSecret, scopes, redirectUris: [REDIRECT] },
    state: 'a state of its own',
  });
  const issuer = await (require('openid-client') as OpenId).Issuer.discover(xero.identityUrl);
  client.openIdClient = new issuer.Client({
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [REDIRECT],
  });
  const answer = await fetch(await client.buildConsentUrl(), { redirect: 'manual' });
  await client.apiCallback(answer.headers.get('location') ?? '');
  return { xero, books, client, tenant: books.company.id };
}

test('consent ends in verified tokens and the connected organisation', async () => {
  const { client, books, xero, tenant } = await connect();
  const tokens = client.readTokenSet();
  expect(tokens.expired()).toBe(false);
  expect(tokens.claims()).toMatchObject({ aud: xero.app.clientId, iss: xero.url });
  const [organisation, ...others] = await client.updateTenants();
  expect(others).toEqual([]);
  expect(organisation).toMatchObject({
    tenantId: tenant,
    tenantType: 'ORGANISATION',
    tenantName: books.company.name,
  });
  expect(organisation.orgData).toMatchObject({
    name: books.company.name,
    baseCurrency: 'NZD',
    countryCode: 'NZ',
  });
});

test('tokens are refreshed in both of its ways, and revoked', async () => {
  const { client, xero, tenant } = await connect();
  const { clientId, clientSecret } = xero.app;
  const first = client.readTokenSet();
  xero.expireAccessTokens();
  await expect(client.accountingApi.getOrganisations(tenant)).rejects.toContain('TokenExpired');
  const second = await client.refreshToken();
  expect(second.refresh_token).not.toBe(first.refresh_token);
  const third = await client.refreshWithRefreshToken(clientId, clientSecret, second.refresh_token);
  expect((await client.accountingApi.getOrganisations(tenant)).response.status).toBe(200);
  await client.revokeToken();
  const gone = client.refreshWithRefreshToken(clientId, clientSecret, third.refresh_token);
  await expect(gone).rejects.toMatchObject({ response: { status: 400, data: { error: 'invalid_grant' } } });
});

/** Every row of a list, page by page as its pagination tells. */
async function pages<Row>(
  fetchPage: (page: number) => Promise<{ rows: readonly Row[] | undefined; count: number | undefined }>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let page = 1, count = 1; page <= count; page += 1) {
    const reply = await fetchPage(page);
    rows.push(...(reply.rows ?? []));
    count = reply.count ?? 0;
  }
  return rows;
}

const sorted = (amounts: readonly number[]): readonly number[] => amounts.toSorted((a, b) => a - b);

const cents = (amount: number | undefined): number => Math.round((amount ?? Number.NaN) * 100);

test('its lists hold the books, page by page', async () => {
  const { client, books, tenant } = await connect();
  const api = client.accountingApi;
  const none = undefined;
  const invoices = await pages<Invoice>(async (page) => {
    const { body } = await api.getInvoices(
      tenant,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      page,
      none,
      none,
      4,
      none,
      PAGE,
    );
    return { rows: body.invoices, count: body.pagination?.pageCount };
  });
  const documents = new Map([...books.invoices, ...books.bills].map((one) => [one.id, one]));
  expect(invoices.map(({ invoiceID }) => invoiceID).sort()).toEqual([...documents.keys()].sort());
  for (const { invoiceID, total, dueDate, lineItems, contact } of invoices) {
    const own = documents.get(invoiceID ?? '');
    expect(cents(total)).toBe(own?.total);
    expect(new Date(dueDate ?? '').getTime()).toBe(own?.dueDate);
    expect([contact?.contactID, lineItems?.length]).toEqual([own?.contact.id, own?.lines.length]);
  }
  const contacts = await pages(async (page) => {
    const { body } = await api.getContacts(tenant, none, none, none, none, page, true, none, none, PAGE);
    return { rows: body.contacts, count: body.pagination?.pageCount };
  });
  expect(contacts.map(({ name }) => name).sort()).toEqual(books.contacts.map(({ name }) => name).sort());
  const payments = await pages(async (page) => {
    const { body } = await api.getPayments(tenant, none, none, none, page, PAGE);
    return { rows: body.payments, count: body.pagination?.pageCount };
  });
  expect(sorted(payments.map(({ amount }) => cents(amount)))).toEqual(
    sorted(books.payments.map(({ amount }) => amount)),
  );
  const bank = await pages(async (page) => {
    const { body } = await api.getBankTransactions(tenant, none, none, none, page, none, PAGE);
    return { rows: body.bankTransactions, count: body.pagination?.pageCount };
  });
  expect(sorted(bank.map(({ total }) => cents(total)))).toEqual(
    sorted(books.bankTransactions.map(({ total }) => total)),
  );
});

test('filters, single records, reports and journals answer it too', async () => {
  const { client, books, tenant } = await connect();
  const api = client.accountingApi;
  const [bill] = books.bills;
  const { body: one } = await api.getInvoice(tenant, bill?.id ?? '');
  expect(one.invoices?.[0]).toMatchObject({ invoiceID: bill?.id, type: 'ACCPAY' });
  const { body: paid } = await api.getInvoices(tenant, undefined, 'Status=="PAID" AND Type=="ACCREC"');
  expect(paid.invoices?.length).toBe(books.invoices.filter(({ status }) => status === 'paid').length);
  const since = new Date(books.lastTouched + 60_000);
  expect((await api.getInvoices(tenant, since)).body.invoices).toEqual([]);
  const { body: accounts } = await api.getAccounts(tenant);
  expect(accounts.accounts?.length).toBe(books.accounts.length);
  const { body: journals } = await api.getJournals(tenant, undefined, 0);
  const own = books.journals.slice(0, 100).map(({ number }) => number);
  expect(journals.journals?.map(({ journalNumber }) => journalNumber)).toEqual(own);
  const { body: report } = await api.getReportTrialBalance(tenant, '2025-12-31');
  expect(report.reports?.[0]?.rows?.length).toBeGreaterThan(2);
  await expect(api.getInvoice(tenant, '99999999-8888-7777-6666-555555555555')).rejects.toContain('404');
});
