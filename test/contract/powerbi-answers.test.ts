// Every answer of the Power BI emulator is what the official document says, known differences aside.
import { expect } from 'vitest';
import { ledger, type OpenTenant, openTenant } from '../emulators-tests/powerbi-setup.ts';
import { expectNone, type Finding, knownDifferences } from './findings.ts';
import { type Envelope, envelopeOf, judgePowerBi } from './powerbi-contract.ts';
import { answerDifferences, requestDifferences } from './powerbi-differences.ts';
import { contractTest } from './specs.ts';

const exchanges = ({ emulator }: OpenTenant) => emulator.requests.flatMap((one) => judgePowerBi(one) ?? []);

/** What fetch of Node adds of its own. */
const ofFetch = ({ place }: Finding): boolean => /^header (accept-language|sec-fetch-mode)$/.test(place);

/** Every call a connector may make, each with an answer that succeeds. */
async function askAll(tenant: OpenTenant): Promise<void> {
  const { emulator, inWorkspace, call } = tenant;
  const id = await tenant.create(ledger, '?defaultRetentionPolicy=None');
  const report = emulator.addReport('Report', emulator.dataset(id));
  const imported = emulator.addImportDataset('Imported');
  const [first] = ledger.tables;
  await call('GET', "/groups?$filter=name%20eq%20'Finance'&$top=5&$skip=0");
  for (const path of ['', '/users', '/reports', '/datasets', `/datasets/${id}`, `/datasets/${id}/tables`])
    await inWorkspace('GET', path);
  await inWorkspace('PUT', `/datasets/${id}/tables/Contacts`, { body: first });
  await tenant.post(id, 'Contacts', [{ ContactID: 'a', Name: 'Acme' }], 1);
  const query = "EVALUATE 'Contacts'";
  await inWorkspace('POST', `/datasets/${id}/executeQueries`, {
    body: { queries: [{ query }], serializerSettings: { includeNulls: true } },
  });
  await inWorkspace('DELETE', `/datasets/${id}/tables/Contacts/rows`);
  await inWorkspace('POST', `/reports/${report.id}/Rebind`, { body: { datasetId: imported.id } });
  await inWorkspace('POST', `/datasets/${imported.id}/refreshes`, {
    body: { notifyOption: 'NoNotification' },
  });
  await inWorkspace('GET', `/datasets/${imported.id}/refreshes?$top=1`);
  await call('POST', '/RefreshUserPermissions');
  await inWorkspace('DELETE', `/datasets/${id}`);
}

contractTest('every call is answered by its schema, and every known difference shows', async () => {
  const tenant = await openTenant();
  await askAll(tenant);
  await tenant.emulator.close();
  expect(tenant.emulator.requests.filter(({ status }) => status >= 300)).toEqual([]);
  const answers = knownDifferences(answerDifferences);
  expectNone(answers.unexplained(exchanges(tenant).flatMap(({ answer }) => answer)));
  expect(answers.unused()).toEqual([]);
  const requests = knownDifferences(requestDifferences);
  expectNone(
    requests.unexplained(exchanges(tenant).flatMap(({ request }) => request)).filter((one) => !ofFetch(one)),
  );
  expect(requests.unused()).toEqual([]);
});

contractTest('long answers and definitions keep to the document as well', async () => {
  const tenant = await openTenant({
    switches: { createAnswer: 'full', createStatus: 202, tablesAnswer: 'definitions' },
  });
  const id = await tenant.create(ledger);
  await tenant.inWorkspace('GET', `/datasets/${id}/tables`);
  await tenant.emulator.close();
  expectNone(
    knownDifferences(answerDifferences).unexplained(exchanges(tenant).flatMap(({ answer }) => answer)),
  );
});

contractTest('errors come in all four envelopes, and in no other shape', async () => {
  const tenant = await openTenant();
  const { emulator, inWorkspace, call } = tenant;
  const id = await tenant.create(ledger);
  await inWorkspace('GET', '/datasets/unknown');
  await inWorkspace('PUT', `/datasets/${id}/tables/Unknown`, { body: { name: 'Unknown', columns: [] } });
  await tenant.post(id, 'Contacts', [{ Unknown: 1 }]);
  for (let at = 0; at < 120; at += 1) await tenant.post(id, 'Contacts', []);
  await call('GET', '/datasets');
  emulator.expireTokens();
  await call('GET', '/groups');
  await emulator.close();
  const failed = emulator.requests.filter(({ status }) => status >= 400);
  expect(failed.map(({ status }) => status)).toEqual([404, 404, 400, 429, 403, 403]);
  expect(failed.map(envelopeOf)).toEqual(['B', 'A', 'A', 'C', 'D', 'A'] satisfies Envelope[]);
  expectNone(
    exchanges(tenant)
      .flatMap(({ answer }) => answer)
      .filter(({ place }) => place === 'error'),
  );
});

contractTest('what the document does not know is found: a path, a parameter, a field', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(ledger);
  const before = tenant.emulator.requests.length;
  await tenant.inWorkspace('GET', `/datasets/${id}/nothing`);
  await tenant.call('GET', '/groups?$expand=users');
  await tenant.inWorkspace('POST', '/datasets', { body: { name: 'x', tabels: [] } });
  await tenant.emulator.close();
  const found = tenant.emulator.requests
    .slice(before)
    .map((one) =>
      (judgePowerBi(one)?.request ?? [])
        .filter((finding) => !ofFetch(finding))
        .map(({ place, problem }) => `${place}: ${problem}`),
    );
  expect(found).toEqual([
    ['request: unknown operation'],
    ['query $expand: undeclared'],
    ['CreateDatasetRequest.tables: missing', 'CreateDatasetRequest.tabels: undeclared'],
  ]);
});
