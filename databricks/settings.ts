// The settings of writing to Databricks: their type, and the form fields that people fill in.
import type { StagingSettings } from '@ledgerpipe/staging/settings';

export type Authentication =
  | { readonly auth_type: 'oauth_m2m'; readonly client_id: string; readonly client_secret: string }
  | { readonly auth_type: 'token'; readonly personal_access_token: string };

/** What a delivery needs to know; of staging's settings only where to keep files on their way. */
export interface DatabricksSettings extends Pick<StagingSettings, 'working_folder'> {
  readonly host: string;
  readonly warehouse_id?: string;
  readonly http_path?: string;
  readonly authentication: Authentication;
  readonly catalog: string;
  readonly schema: string;
  readonly volume: string;
  readonly deletion: 'soft' | 'hard';
  readonly unmatched_references: 'ignore' | 'count' | 'insert';
  readonly constraints: 'informational' | 'rely' | 'none';
  readonly cluster_by_auto: boolean;
  readonly parallel: number;
  readonly warehouse_start_minutes: number;
  readonly purge_staging: boolean;
}

/** Names of catalogs, schemas and volumes: up to 255 characters, no full stop, slash, white space ("Names"). */
const objectName = { type: 'string', pattern: '^[^./\\s]{1,255}$', pattern_descriptor: 'main' } as const;

/** Fields that cannot be left out. */
export const requiredSettings = ['host', 'authentication', 'catalog', 'schema'] as const;

/** Where to write and as whom, numbered from 0. */
export const connectionProperties = {
  host: {
    type: 'string',
    order: 0,
    title: 'Workspace host',
    description: 'Server hostname of the SQL warehouse, as its connection details show it.',
    examples: ['adb-1234567890123456.7.azuredatabricks.net', 'dbc-a1b2345c-d6e7.cloud.databricks.com'],
  },
  warehouse_id: {
    type: 'string',
    order: 1,
    title: 'SQL warehouse ID',
    description: 'ID of the SQL warehouse that runs the statements. Give this or the HTTP path.',
    examples: ['1234567890abcdef'],
  },
  http_path: {
    type: 'string',
    order: 2,
    title: 'HTTP path',
    description: 'HTTP path of the SQL warehouse, in place of its ID.',
    pattern: '/warehouses/[^/]+$',
    pattern_descriptor: '/sql/1.0/warehouses/1234567890abcdef',
    examples: ['/sql/1.0/warehouses/1234567890abcdef'],
  },
  authentication: {
    type: 'object',
    order: 3,
    title: 'Authentication',
    description: 'How to sign in to the workspace.',
    oneOf: [
      {
        title: 'OAuth of a service principal (recommended)',
        type: 'object',
        required: ['auth_type', 'client_id', 'client_secret'],
        properties: {
          auth_type: { type: 'string', const: 'oauth_m2m', default: 'oauth_m2m', order: 0 },
          client_id: {
            type: 'string',
            order: 1,
            title: 'Client ID',
            description: 'Application ID of the service principal, a UUID.',
          },
          client_secret: {
            type: 'string',
            order: 2,
            title: 'Client secret',
            description: 'OAuth secret of the service principal, made in Databricks (not in Entra ID).',
            airbyte_secret: true,
          },
        },
      },
      {
        title: 'Personal access token',
        type: 'object',
        required: ['auth_type', 'personal_access_token'],
        properties: {
          auth_type: { type: 'string', const: 'token', default: 'token', order: 0 },
          personal_access_token: {
            type: 'string',
            order: 1,
            title: 'Personal access token',
            description: 'A token of a user or service principal.',
            airbyte_secret: true,
          },
        },
      },
    ],
  },
  catalog: {
    ...objectName,
    order: 4,
    title: 'Catalog',
    description: 'Unity Catalog catalog that holds the schema. It must exist.',
    examples: ['main'],
  },
  schema: {
    ...objectName,
    order: 5,
    title: 'Schema',
    description: 'Schema for the tables. Made when it is missing and the principal may make it.',
    examples: ['finance'],
  },
  volume: {
    ...objectName,
    order: 6,
    title: 'Volume',
    description: 'Volume in the schema for staged files. Made when missing and the principal may make it.',
    default: 'ledgerpipe',
  },
} as const;

/** How to write, numbered after those. */
export const writingProperties = {
  deletion: {
    type: 'string',
    enum: ['soft', 'hard'],
    order: 7,
    title: 'Deleted records',
    description:
      'What a deleted record does to its row: "soft" sets _deleted_at and keeps the row, "hard" deletes it.',
    default: 'soft',
  },
  unmatched_references: {
    type: 'string',
    enum: ['ignore', 'count', 'insert'],
    order: 8,
    title: 'Keys without a row',
    description:
      'Fact keys that no dimension row has: "count" logs how many after the load (one more statement a run), "insert" also adds a row "(unknown KEY)" for each, replaced when the real one arrives (one more statement for each such dimension).',
    default: 'ignore',
  },
  constraints: {
    type: 'string',
    enum: ['informational', 'rely', 'none'],
    order: 9,
    title: 'Primary and foreign keys',
    description:
      'New tables declare their keys: "informational" for tools that draw relationships, "rely" also lets the optimizer trust the primary key, "none" declares none.',
    default: 'informational',
  },
  cluster_by_auto: {
    type: 'boolean',
    order: 10,
    title: 'Cluster automatically',
    description: 'New tables get CLUSTER BY AUTO, which needs predictive optimization.',
    default: true,
  },
  parallel: {
    type: 'integer',
    minimum: 1,
    maximum: 8,
    order: 11,
    title: 'Parallel work',
    description: 'Files uploaded, and statements on independent tables run, at the same time.',
    default: 3,
  },
  warehouse_start_minutes: {
    type: 'number',
    exclusiveMinimum: 0,
    order: 12,
    title: 'Minutes for the warehouse to start',
    description: 'How long a statement may wait for a stopped or busy warehouse before the run fails.',
    default: 15,
  },
  purge_staging: {
    type: 'boolean',
    order: 13,
    title: 'Delete staged files',
    description: 'Staged files are deleted once their rows are committed.',
    default: true,
  },
} as const;
