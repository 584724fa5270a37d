// A source with what the example source lacks: a choice of credentials, nested records, tombstones, a failing stream.
import {
  type ConfiguredStream,
  controlMessage,
  errorMessage,
  type Message,
  recordMessage,
  type Source,
  type Stream,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';

export interface BooksConfig {
  readonly credentials: { readonly auth_type: string; readonly client_id: string };
  readonly limits: { readonly rows: number; readonly fail: boolean };
  readonly tenants: readonly string[];
}

const invoices: Stream = {
  name: 'invoices',
  json_schema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['InvoiceID'],
    properties: {
      TenantID: { type: 'string' },
      InvoiceID: { type: 'string' },
      Total: { type: ['null', 'number'], 'x-role': 'amount' },
      UpdatedAt: { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
      Contact: {
        type: ['null', 'object'],
        properties: { Name: { type: 'string' }, Email: { type: 'string' } },
      },
    },
  },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  default_cursor_field: ['UpdatedAt'],
  source_defined_primary_key: [['TenantID'], ['InvoiceID']],
};

const rates: Stream = {
  name: 'tax_rates',
  json_schema: {
    type: 'object',
    properties: { Name: { type: 'string' }, Rate: { type: ['string', 'number'] } },
  },
  supported_sync_modes: ['full_refresh'],
  source_defined_primary_key: [['Name']],
};

const secretText = { type: 'string', airbyte_secret: true } as const;

export const booksSource: Source<BooksConfig> = {
  name: 'source-books',
  version: '1.2.3',
  spec: {
    connectionSpecification: {
      type: 'object',
      title: 'Books',
      required: ['credentials'],
      properties: {
        credentials: {
          type: 'object',
          oneOf: [
            {
              title: 'Consent',
              required: ['auth_type', 'client_id', 'refresh_token'],
              properties: {
                auth_type: { type: 'string', const: 'oauth2' },
                client_id: { type: 'string' },
                client_secret: secretText,
                refresh_token: { ...secretText, description: 'Replaced with every use.' },
              },
            },
            {
              title: 'Machine',
              required: ['auth_type', 'client_id', 'client_secret'],
              properties: {
                auth_type: { type: 'string', const: 'client_credentials' },
                client_id: { type: 'string' },
                client_secret: secretText,
              },
            },
          ],
        },
        limits: {
          type: 'object',
          default: {},
          properties: {
            rows: { type: 'integer', default: 2 },
            fail: { type: 'boolean', default: false, airbyte_hidden: true },
          },
        },
        tenants: { type: 'array', items: { type: 'string' }, default: [] },
        token_store: { type: 'string' },
      },
    },
  },
  check: async ({ config }) => ({ ok: true, message: `Signed in by ${config.credentials.auth_type}` }),
  discover: async () => ({ streams: [rates, invoices] }),
  async *read({ config, clock, say }, { catalog }): AsyncGenerator<Message> {
    if (config.credentials.auth_type === 'oauth2')
      await say(controlMessage({ credentials: { refresh_token: 'rotated-secret' } }, clock.now()));
    for (const { stream } of catalog.streams) yield* readStream({ stream, config, now: clock.now() });
  },
};

interface Reading {
  readonly stream: ConfiguredStream['stream'];
  readonly config: BooksConfig;
  readonly now: number;
}

async function* readStream({ stream: { name }, config, now }: Reading): AsyncGenerator<Message> {
  yield streamStatusMessage(name, 'STARTED', now);
  const { rows, fail } = config.limits;
  if (name === 'tax_rates') {
    yield recordMessage(name, { Name: 'GST', Rate: 15 }, now);
    yield stateMessage(name, {}, 1);
  } else {
    for (let id = 1; id <= rows; id++) yield recordMessage(name, invoice(id), now);
    yield stateMessage(name, { cursor: rows }, rows);
    if (fail) {
      yield recordMessage(name, invoice(rows + 1), now);
      const failed = { message: 'Page 2 was refused, secret rotated-secret', stream_descriptor: { name } };
      yield errorMessage({ ...failed, failure_type: 'transient_error' }, now);
      return yield streamStatusMessage(name, 'INCOMPLETE', now);
    }
    yield recordMessage(
      name,
      { TenantID: 't', InvoiceID: '1', _ab_cdc_deleted_at: '2026-01-02T00:00:00Z' },
      now,
    );
    yield stateMessage(name, { cursor: rows, deleted: 1 }, 1);
  }
  yield streamStatusMessage(name, 'COMPLETE', now);
}

const invoice = (id: number) => ({
  TenantID: 't',
  InvoiceID: String(id),
  Total: 12.5 * id,
  UpdatedAt: '2026-01-01T00:00:00Z',
  Contact: { Name: `Contact ${id}`, Email: `c${id}@example.com` },
  Extra: 'not in the schema',
});
