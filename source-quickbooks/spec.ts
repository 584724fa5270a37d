// What a user configures: the Config type, and the JSON Schema that forms and checks are made from.
import { reportMonthSettings, type Specification, tokenStoreSettings } from '@airbyte/cdk-typescript-shim';
import { consentFlow } from './advanced-auth.ts';
import { rareStreams } from './streams.ts';

export interface Endpoints {
  readonly api: string;
  readonly identity: string;
  readonly login: string;
}

export interface Config {
  readonly credentials: {
    readonly auth_type: 'oauth2';
    readonly client_id: string;
    readonly client_secret: string;
    readonly refresh_token: string;
  };
  readonly realm_id: string;
  readonly environment: 'production' | 'sandbox';
  /** YYYY-MM-DD or an instant. */
  readonly start_date?: string;
  readonly more_streams: readonly string[];
  readonly reports: {
    /** YYYY-MM-DD; absent: a year before the run, or start_date if that is later. */
    readonly from?: string;
    readonly refresh_months: number;
    readonly hours: number;
    /** Absent: as the company prefers. */
    readonly accounting_method?: 'Accrual' | 'Cash';
  };
  /** Absent: no limit. */
  readonly monthly_reads?: number;
  readonly batch_counts: 'one' | 'each';
  readonly token_store?: string;
  readonly token_store_key?: string;
  readonly page_size: number;
  readonly batch_size: number;
  readonly endpoints: Partial<Endpoints>;
}

const hosts = { production: 'quickbooks.api.intuit.com', sandbox: 'sandbox-quickbooks.api.intuit.com' };

/** Where the API, the token endpoint and the consent page are; the last two are the same for both environments. */
export const endpointsOf = ({
  environment,
  endpoints,
}: Pick<Config, 'environment' | 'endpoints'>): Endpoints => ({
  api: `https://${hosts[environment]}`,
  identity: 'https://oauth.platform.intuit.com',
  login: 'https://appcenter.intuit.com',
  ...endpoints,
});

/** Every host that a run may call. */
export const apiHosts: readonly string[] = [...Object.values(hosts), 'oauth.platform.intuit.com'];

const credentials = {
  type: 'object',
  title: 'Credentials',
  description: 'How the connection to QuickBooks proves who it is.',
  order: 0,
  group: 'connection',
  required: ['auth_type', 'client_id', 'client_secret', 'refresh_token'],
  properties: {
    auth_type: { type: 'string', const: 'oauth2', default: 'oauth2', order: 0 },
    client_id: {
      type: 'string',
      title: 'Client id',
      description: 'Of your app at developer.intuit.com; production and sandbox have keys of their own.',
      minLength: 1,
      order: 1,
    },
    client_secret: { type: 'string', title: 'Client secret', airbyte_secret: true, minLength: 1, order: 2 },
    refresh_token: {
      type: 'string',
      title: 'Refresh token',
      description:
        'QuickBooks replaces it about once a day; the replacement is kept in the token store and sent to the platform. The command `login` fetches the first one.',
      airbyte_secret: true,
      minLength: 1,
      order: 3,
    },
  },
} as const;

const reports = {
  type: 'object',
  title: 'Reports',
  description: 'Statements cost a call for six months, trial balance and ageing one for each month.',
  order: 7,
  group: 'streams',
  default: {},
  properties: {
    ...reportMonthSettings,
    hours: {
      type: 'number',
      title: 'Hours between readings',
      description: 'Reports are read again after so many hours. 0: in every run.',
      minimum: 0,
      default: 24,
      order: 2,
    },
    accounting_method: {
      type: 'string',
      title: 'Accounting method',
      description: 'Empty: the one that the company prefers.',
      enum: ['Accrual', 'Cash'],
      order: 3,
    },
  },
} as const;

export const spec: Specification = {
  documentationUrl: 'https://developer.intuit.com/app/developer/qbo/docs/get-started',
  advanced_auth: consentFlow(endpointsOf({ environment: 'production', endpoints: {} })),
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'QuickBooks Online',
    type: 'object',
    required: ['credentials', 'realm_id'],
    additionalProperties: true,
    groups: [
      { id: 'connection', title: 'Connection' },
      { id: 'streams', title: 'What to read' },
      { id: 'cost', title: 'What it may cost' },
    ],
    properties: {
      credentials,
      realm_id: {
        type: 'string',
        title: 'Company id',
        description:
          'The realm id that QuickBooks gives with the consent; `login` fills it in. In QuickBooks: Ctrl+Alt+? shows it.',
        pattern: '^\\d{1,20}$',
        pattern_descriptor: 'digits',
        order: 1,
        group: 'connection',
      },
      environment: {
        type: 'string',
        title: 'Environment',
        description: 'Sandbox companies are reached with development keys, real ones with production keys.',
        enum: ['production', 'sandbox'],
        default: 'production',
        order: 2,
        group: 'connection',
      },
      ...tokenStoreSettings('/var/lib/ledgerpipe/quickbooks.tokens', 3),
      start_date: {
        type: 'string',
        title: 'Start date',
        description: 'A first read leaves out what was last changed before it; small tables come whole.',
        pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}Z)?$',
        pattern_descriptor: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ',
        examples: ['2024-01-01'],
        order: 5,
        group: 'streams',
      },
      more_streams: {
        type: 'array',
        title: 'More streams',
        description: 'Streams that only some countries, plans or companies have.',
        items: { type: 'string', enum: rareStreams },
        uniqueItems: true,
        default: [],
        order: 6,
        group: 'streams',
      },
      reports,
      monthly_reads: {
        type: 'integer',
        title: 'Reads a month',
        description:
          'A run ends, to go on next month, when so many calls were made in a calendar month (UTC). Empty: no limit. Intuit includes 500,000 for all companies of a free app together.',
        minimum: 1,
        examples: [20000],
        order: 8,
        group: 'cost',
      },
      batch_counts: {
        type: 'string',
        title: 'What a batch counts as',
        description:
          'Intuit does not say whether a batch of queries is one metered read or one for each query. Count it as:',
        enum: ['one', 'each'],
        default: 'one',
        order: 9,
        group: 'cost',
      },
      page_size: {
        type: 'integer',
        title: 'Page size',
        description: 'Rows of one query.',
        minimum: 2,
        maximum: 1000,
        default: 1000,
        airbyte_hidden: true,
        order: 10,
        group: 'cost',
      },
      batch_size: {
        type: 'integer',
        title: 'Batch size',
        description: 'Queries of one call.',
        minimum: 2,
        maximum: 30,
        default: 30,
        airbyte_hidden: true,
        order: 11,
        group: 'cost',
      },
      endpoints: {
        type: 'object',
        title: 'Endpoints',
        description: 'For proxies and test servers. Empty: as the environment says.',
        airbyte_hidden: true,
        order: 12,
        group: 'connection',
        default: {},
        properties: {
          api: { type: 'string', title: 'API', order: 0 },
          identity: { type: 'string', title: 'Identity', order: 1 },
          login: { type: 'string', title: 'Login', order: 2 },
        },
      },
    },
  },
};
