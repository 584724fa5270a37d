// The official client of Looker, unchanged, works with the emulator: login, SQL Runner, projects, queries, plans.
import { LookerNodeSDK, NodeSettings } from '@looker/sdk-node';
import { DelimArray, type IApiSection } from '@looker/sdk-rtl';
import { beforeEach, expect, test, vi } from 'vitest';
import type { LookerEmulator } from '../emulators/looker/index.ts';
import { PROJECT, type Setup, setUp } from '../emulators-tests/looker-setup.ts';

// The client says on every call that this Node lacks what it does not lack.
beforeEach(() => {
  const silenced = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
  return () => silenced.mockRestore();
});

/** Settings that are given instead of read from a file or the environment. */
class GivenSettings extends NodeSettings {
  readonly #section: IApiSection;

  constructor({ url, credentials: { clientId, clientSecret } }: LookerEmulator) {
    const section = { base_url: url, client_id: clientId, client_secret: clientSecret, verify_ssl: 'false' };
    super('', { base_url: url } as never);
    this.#section = section;
  }

  override readConfig(): IApiSection {
    return this.#section;
  }
}

type Sdk = ReturnType<typeof LookerNodeSDK.init40>;

const connect = async (options: Parameters<typeof setUp>[0] = {}): Promise<Setup & { sdk: Sdk }> => {
  const setup = await setUp(options);
  return { ...setup, sdk: LookerNodeSDK.init40(new GivenSettings(setup.looker)) };
};

test('login, the current user, versions and a new login after the token has died', async () => {
  const { sdk, looker } = await connect();
  expect(await sdk.ok(sdk.me())).toMatchObject({ display_name: 'Ledger Loader' });
  expect((await sdk.ok(sdk.versions())).looker_release_version).toBe('26.12.3');
  looker.expireTokens();
  await expect(sdk.ok(sdk.me())).rejects.toThrow('Requires authentication');
  sdk.authSession.reset();
  expect((await sdk.ok(sdk.me())).id).toBe('1');
});

test('SQL Runner, connections and their tests', async () => {
  const { sdk } = await connect();
  const { slug = '' } = await sdk.ok(
    sdk.create_sql_query({ connection_name: 'warehouse', sql: 'SELECT 1 AS one' }),
  );
  expect(await sdk.ok(sdk.run_sql_query(slug, 'json'))).toEqual([{ one: 1 }]);
  expect(await sdk.ok(sdk.run_sql_query(slug, 'csv'))).toBe('one\n1\n');
  const tests = await sdk.ok(sdk.test_connection('warehouse', new DelimArray(['connect', 'query'])));
  expect(tests.map(({ name, status }) => `${name} ${status}`)).toEqual(['connect success', 'query success']);
  await expect(sdk.ok(sdk.connection('none'))).rejects.toThrow('Not found');
});

test('a model is deployed, configured, validated and asked', async () => {
  const { sdk, looker } = await connect();
  await looker.publish('ledgerpipe', PROJECT);
  await sdk.ok(sdk.update_session({ workspace_id: 'dev' }));
  expect((await sdk.ok(sdk.validate_project('ledgerpipe'))).errors).toEqual([]);
  const explore = await sdk.ok(
    sdk.lookml_model_explore({ lookml_model_name: 'ledger', explore_name: 'sales_invoices' }),
  );
  expect(explore.fields?.measures?.map(({ name }) => name)).toContain('sales_invoices.total');
  const body = { model: 'ledger', view: 'sales_invoices', fields: ['sales_invoices.total'] };
  const rows: unknown = await sdk.ok(sdk.run_inline_query({ result_format: 'json', body, cache: false }));
  expect(rows).toEqual([{ 'sales_invoices.total': 250.2 }]);
  const query = await sdk.ok(sdk.create_query(body));
  expect(await sdk.ok(sdk.run_query({ query_id: query.id ?? '', result_format: 'csv' }))).toContain(
    '250.2000',
  );
});

test('a datagroup is triggered, a dashboard imported, a plan kept and run', async () => {
  const { sdk, looker, clock } = await connect();
  await looker.publish('ledgerpipe', PROJECT);
  const [group] = await sdk.ok(sdk.all_datagroups());
  const triggered_at = Math.floor(clock.now() / 1000);
  expect((await sdk.ok(sdk.update_datagroup(group?.id ?? '', { triggered_at }))).triggered_at).toBe(
    triggered_at,
  );
  await expect(
    sdk.ok(sdk.update_datagroup(group?.id ?? '', { triggered_at: triggered_at + 99 })),
  ).rejects.toThrow();
  const lookml = PROJECT['dashboards/finance.dashboard.lookml'];
  const { id = '' } = await sdk.ok(sdk.import_dashboard_from_lookml({ lookml }));
  const plan = await sdk.ok(
    sdk.create_scheduled_plan({
      ...{ name: 'Morning', dashboard_id: id, crontab: '0 6 * * *' },
      scheduled_plan_destination: [{ type: 'email', format: 'wysiwyg_pdf', address: 'cfo@example.com' }],
    }),
  );
  await sdk.ok(sdk.scheduled_plan_run_once_by_id(plan.id ?? '', {}));
  expect(looker.deliveries.map(({ address }) => address)).toEqual(['cfo@example.com']);
});
