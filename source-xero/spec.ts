// What a user configures: the Config type, and the JSON Schema that forms and checks are made from.
import { reportMonthSettings, type Specification, tokenStoreSettings } from '@airbyte/cdk-typescript-shim';
import { consentFlow } from './advanced-auth.ts';

export interface ConsentCredentials {
  readonly auth_type: 'oauth2';
  readonly client_id: string;
  /** Absent for apps that log in with PKCE. */
  readonly client_secret?: string;
  readonly refresh_token: string;
}

export interface MachineCredentials {
  readonly auth_type: 'client_credentials';
  readonly client_id: string;
  readonly client_secret: string;
  /** Space-separated; absent: every scope of the app. */
  readonly scopes?: string;
}

export interface Endpoints {
  readonly api: string;
  readonly identity: string;
  readonly login: string;
}

export interface Config {
  readonly credentials: ConsentCredentials | MachineCredentials;
  /** Empty: every organisation the connection reaches. */
  readonly tenant_ids: readonly string[];
  /** YYYY-MM-DD or an instant. */
  readonly start_date?: string;
  readonly include_archived: boolean;
  readonly deleted_documents: 'listed' | 'queried';
  readonly journals: boolean;
  readonly reports: {
    /** YYYY-MM-DD; absent: a year before the run, or start_date if that is later. */
    readonly from?: string;
    readonly refresh_months: number;
    readonly cash_basis: boolean;
  };
  readonly snapshot_hours: number;
  readonly contacts_reread_days: number;
  readonly daily_reserve: number;
  readonly token_store?: string;
  readonly token_store_key?: string;
  readonly page_size: number;
  readonly endpoints: Endpoints;
}

export const defaultEndpoints: Endpoints = {
  api: 'https://api.xero.com',
  identity: 'https://identity.xero.com',
  login: 'https://login.xero.com',
};

const clientId = {
  type: 'string',
  title: 'Client id',
  description: 'Of your app at developer.xero.com.',
  minLength: 1,
  order: 1,
} as const;

const clientSecret = {
  type: 'string',
  title: 'Client secret',
  airbyte_secret: true,
  minLength: 1,
  order: 2,
} as const;

const consent = {
  type: 'object',
  title: "A person's consent",
  required: ['auth_type', 'client_id', 'refresh_token'],
  properties: {
    auth_type: { type: 'string', const: 'oauth2', default: 'oauth2', order: 0 },
    client_id: clientId,
    client_secret: { ...clientSecret, description: 'Leave empty for apps that log in with PKCE.' },
    refresh_token: {
      type: 'string',
      title: 'Refresh token',
      description:
        'Xero replaces it with every use; the replacement is kept in the token store and sent to the platform. The command `login` fetches the first one.',
      airbyte_secret: true,
      minLength: 1,
      order: 3,
    },
  },
} as const;

const machine = {
  type: 'object',
  title: 'Custom connection',
  required: ['auth_type', 'client_id', 'client_secret'],
  properties: {
    auth_type: { type: 'string', const: 'client_credentials', default: 'client_credentials', order: 0 },
    client_id: clientId,
    client_secret: clientSecret,
    scopes: {
      type: 'string',
      title: 'Scopes',
      description: 'Separated by spaces. Empty: every scope the app has.',
      examples: ['accounting.invoices.read accounting.contacts.read accounting.settings.read'],
      order: 3,
    },
  },
} as const;

const reports = {
  type: 'object',
  title: 'Reports',
  description: 'Profit and loss, balance sheet, trial balance and bank summary cost one call for each month.',
  order: 8,
  group: 'streams',
  default: {},
  properties: {
    ...reportMonthSettings,
    cash_basis: {
      type: 'boolean',
      title: 'Cash basis',
      description: 'Off: accrual basis.',
      default: false,
      order: 2,
    },
  },
} as const;

export const spec: Specification = {
  documentationUrl: 'https://developer.xero.com/documentation/api/accounting/overview',
  advanced_auth: consentFlow(defaultEndpoints),
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Xero',
    type: 'object',
    required: ['credentials'],
    additionalProperties: true,
    groups: [
      { id: 'connection', title: 'Connection' },
      { id: 'streams', title: 'What to read' },
      { id: 'cost', title: 'What it may cost' },
    ],
    properties: {
      credentials: {
        type: 'object',
        title: 'Credentials',
        description: 'How the connection to Xero proves who it is.',
        order: 0,
        group: 'connection',
        oneOf: [consent, machine],
      },
      tenant_ids: {
        type: 'array',
        title: 'Organisations',
        description: 'Tenant ids. Empty: every organisation that the connection reaches.',
        items: { type: 'string' },
        default: [],
        order: 1,
        group: 'connection',
      },
      ...tokenStoreSettings('/var/lib/ledgerpipe/xero.tokens', 2),
      start_date: {
        type: 'string',
        title: 'Start date',
        description: 'A first read leaves out documents and contacts that were last changed before it.',
        pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}Z)?$',
        pattern_descriptor: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ',
        examples: ['2024-01-01'],
        order: 4,
        group: 'streams',
      },
      include_archived: {
        type: 'boolean',
        title: 'Archived records',
        description:
          'Contacts and tracking categories that were archived, which old documents still refer to.',
        default: true,
        order: 5,
        group: 'streams',
      },
      deleted_documents: {
        type: 'string',
        title: 'Deleted documents',
        description:
          'How deletions are found: lists show deleted documents, or they are asked for by one more call for each stream.',
        enum: ['listed', 'queried'],
        default: 'listed',
        order: 6,
        group: 'streams',
      },
      journals: {
        type: 'boolean',
        title: 'Journals',
        description:
          'Offer the general ledger. Xero opens it to apps of the Advanced tier only, after a security assessment.',
        default: false,
        order: 7,
        group: 'streams',
      },
      reports,
      snapshot_hours: {
        type: 'number',
        title: 'Hours between snapshots',
        description:
          'Small tables that cannot be asked for changes (tax rates, tracking, currencies, ...) are read again after so many hours; deletions of items and accounts are found then too.',
        minimum: 0,
        default: 24,
        order: 9,
        group: 'cost',
      },
      contacts_reread_days: {
        type: 'number',
        title: 'Days between full reads of contacts',
        description:
          'Balances of contacts change without a trace, so all contacts are read again after so many days. 0: never.',
        minimum: 0,
        default: 7,
        order: 10,
        group: 'cost',
      },
      daily_reserve: {
        type: 'integer',
        title: 'Calls left to others',
        description:
          'A run ends, to go on another day, when no more than so many calls of the day are left for an organisation.',
        minimum: 0,
        default: 100,
        order: 11,
        group: 'cost',
      },
      page_size: {
        type: 'integer',
        title: 'Page size',
        description: 'Records in a page of documents or contacts.',
        minimum: 1,
        maximum: 1000,
        default: 1000,
        airbyte_hidden: true,
        order: 12,
        group: 'cost',
      },
      endpoints: {
        type: 'object',
        title: 'Endpoints',
        description: 'For proxies and test servers.',
        airbyte_hidden: true,
        order: 13,
        group: 'connection',
        default: {},
        properties: {
          api: { type: 'string', title: 'API', default: defaultEndpoints.api, order: 0 },
          identity: { type: 'string', title: 'Identity', default: defaultEndpoints.identity, order: 1 },
          login: { type: 'string', title: 'Login', default: defaultEndpoints.login, order: 2 },
        },
      },
    },
  },
};
