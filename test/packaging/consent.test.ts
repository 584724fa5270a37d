// The consent flow that a source describes for the platform, carried out as the platform does it.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { consentFlow as quickbooksFlow } from '../../source-quickbooks/advanced-auth.ts';
import { spec as quickbooksSpec } from '../../source-quickbooks/spec.ts';
import { consentFlow as xeroFlow } from '../../source-xero/advanced-auth.ts';
import { spec } from '../../source-xero/spec.ts';
import { scopes } from '../../source-xero/streams.ts';
import { generateBooks } from '../books/index.ts';
import { startQuickbooks } from '../emulators/quickbooks/index.ts';
import { startXero } from '../emulators/xero/index.ts';
import { fileOf, run, temporaryFolder } from '../program.ts';

interface Flow {
  readonly oauth_connector_input_specification: {
    readonly consent_url: string;
    readonly scope: string;
    readonly access_token_url: string;
    readonly access_token_headers: Readonly<Record<string, string>>;
    readonly access_token_params: Readonly<Record<string, string>>;
    readonly extract_output: readonly string[];
  };
  readonly complete_oauth_output_specification: Output;
  readonly complete_oauth_server_output_specification: Output;
}

interface Output {
  readonly properties: Readonly<
    Record<
      string,
      {
        readonly path_in_connector_config: readonly string[];
        readonly path_in_oauth_response?: readonly string[];
      }
    >
  >;
}

const flowOf = ({ oauth_config_specification: flow }: NonNullable<Specification['advanced_auth']>): Flow =>
  flow as unknown as Flow;

/** Fills in the double braces: names, texts joined by `~`, and the filter b64encode. */
const render = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, expression: string) => {
    const [joined = '', filter] = expression.split('|').map((part) => part.trim());
    const text = joined
      .replace(/^\(|\)$/g, '')
      .split('~')
      .map((part) => part.trim())
      .map((part) => (part.startsWith("'") ? part.slice(1, -1) : (values[part] ?? `(unknown ${part})`)))
      .join('');
    return filter === 'b64encode' ? Buffer.from(text).toString('base64') : text;
  });

const put = (
  config: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): void => {
  if (rest.length === 0) config[name] = value;
  else {
    config[name] ??= {};
    put(config[name] as Record<string, unknown>, rest, value);
  }
};

const redirect = 'http://localhost:8000/auth_flow';

interface Vendor {
  readonly url: string;
  readonly app: { readonly clientId: string; readonly clientSecret: string };
  readonly flow: NonNullable<Specification['advanced_auth']>;
  /** What a person types into the form, once back from the consent page. */
  typed(callback: URL): Readonly<Record<string, unknown>>;
}

const books = () => generateBooks({ seed: 1, documents: 10 });

const vendors: Readonly<Record<string, () => Promise<Vendor>>> = {
  async xero() {
    const xero = await startXero({ companies: [books()], clock: systemClock });
    onTestFinished(() => xero.close());
    const flow = xeroFlow({ login: xero.url, identity: xero.identityUrl });
    return { url: xero.url, app: xero.app, flow, typed: () => ({}) };
  },
  async quickbooks() {
    const quickbooks = await startQuickbooks({ companies: [books()], clock: systemClock });
    onTestFinished(() => quickbooks.close());
    const { url, app } = quickbooks;
    const flow = quickbooksFlow({ login: url, identity: url });
    // The platform keeps nothing of the redirect but the code.
    return { url, app, flow, typed: ({ searchParams }) => ({ realm_id: searchParams.get('realmId') }) };
  },
};

test.each(Object.keys(vendors))(
  'the flow of source-%s ends in a configuration that passes check',
  async (name) => {
    const vendor = await vendors[name]?.();
    if (!vendor) throw new Error(`Cannot open "${name}"`);
    const { url } = vendor;
    const { oauth_connector_input_specification: input, ...outputs } = flowOf(vendor.flow);
    const app = { client_id: vendor.app.clientId, client_secret: vendor.app.clientSecret };
    const values = {
      client_id_value: app.client_id,
      client_id_param: `client_id=${app.client_id}`,
      client_secret_value: app.client_secret,
      redirect_uri_value: redirect,
      redirect_uri_param: `redirect_uri=${encodeURIComponent(redirect)}`,
      scope_param: `scope=${encodeURIComponent(input.scope).replaceAll('%20', '+')}`,
      state_param: 'state=a-state',
    };

    // `decision` is what the person clicks on the page.
    const page = `${render(input.consent_url, values)}&decision=allow`;
    const consent = await fetch(page, { redirect: 'manual' });
    const callback = new URL(consent.headers.get('location') ?? 'about:blank');
    expect(callback.searchParams.get('state')).toBe('a-state');
    const exchange = { ...values, auth_code_value: callback.searchParams.get('code') ?? '' };
    const filled = (fields: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, render(text, exchange)]));
    const answer = await fetch(render(input.access_token_url, exchange), {
      method: 'POST',
      headers: filled(input.access_token_headers),
      body: new URLSearchParams(filled(input.access_token_params)).toString(),
    });
    const tokens = (await answer.json()) as Record<string, string>;
    expect(answer.status).toBe(200);

    const config: Record<string, unknown> = {
      credentials: { auth_type: 'oauth2' },
      ...vendor.typed(callback),
      endpoints: { api: url, identity: url, login: url },
    };
    for (const [name, { path_in_connector_config: path }] of Object.entries(
      outputs.complete_oauth_server_output_specification.properties,
    ))
      put(config, path, app[name as keyof typeof app]);
    for (const { path_in_connector_config: path, path_in_oauth_response: [name = ''] = [] } of Object.values(
      outputs.complete_oauth_output_specification.properties,
    )) {
      expect(input.extract_output).toContain(name);
      put(config, path, tokens[name]);
    }
    const file = await fileOf(await temporaryFolder(), 'config.json', config);
    const { messages } = await run(`../source-${name}/dist/main.js`, ['check', '--config', file]);
    expect(messages.at(-1)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
  },
);

test('the flow of the spec belongs to the choice that it completes, and asks for every stream', () => {
  const { advanced_auth: flow, connectionSpecification } = spec;
  expect(flow).toMatchObject({ predicate_key: ['credentials', 'auth_type'], predicate_value: 'oauth2' });
  expect(connectionSpecification).toHaveProperty(
    'properties.credentials.oneOf.0.properties.auth_type.const',
    'oauth2',
  );
  const asked = flow ? flowOf(flow).oauth_connector_input_specification : undefined;
  expect(asked?.consent_url).toMatch(/^https:\/\/login\.xero\.com\/identity\/connect\/authorize\?/);
  expect(asked?.access_token_url).toBe('https://identity.xero.com/connect/token');
  expect(asked?.scope.split(' ').sort()).toEqual([...scopes, 'offline_access'].sort());
});

test('that of QuickBooks asks for the one scope there is, at the hosts of Intuit', () => {
  const { advanced_auth: flow, connectionSpecification } = quickbooksSpec;
  expect(connectionSpecification).toHaveProperty(
    'properties.credentials.properties.auth_type.const',
    'oauth2',
  );
  const asked = flow ? flowOf(flow).oauth_connector_input_specification : undefined;
  expect(asked?.consent_url).toMatch(/^https:\/\/appcenter\.intuit\.com\/connect\/oauth2\?/);
  expect(asked?.access_token_url).toBe('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer');
  expect(asked?.scope).toBe('com.intuit.quickbooks.accounting');
});
