// The configuration: its type, and the form that people fill in. Secrets are marked here and nowhere else.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { type StagingSettings, stagingProperties } from '@ledgerpipe/staging/settings';

export type Cloud = 'public' | 'us_gcc' | 'us_gcc_high' | 'us_dod' | 'china';

/** Rows are pushed into a semantic model by REST. */
export interface PushMode {
  readonly mode: 'push';
  readonly dataset_name?: string;
  readonly dataset_id?: string;
  readonly retention?: 'None' | 'basicFIFO';
  readonly strategy?: 'auto' | 'rewrite' | 'append_versions';
  readonly versions_from_rows?: number;
  readonly verify?: 'off' | 'count' | 'full';
  readonly min_interval_seconds?: number;
  readonly calendar_start?: string;
  readonly fiscal_year_end?: string;
}

/** Files are laid into the landing zone of a mirrored database in Fabric. */
export interface MirrorMode {
  readonly mode: 'open_mirroring';
  readonly database_name?: string;
  readonly database_id?: string;
  readonly schema?: string;
  readonly replication_wait_minutes?: number;
}

export interface Endpoints {
  readonly login?: string;
  readonly api?: string;
  readonly fabric?: string;
  readonly onelake?: string;
}

export interface Config extends StagingSettings {
  readonly tenant_id: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly cloud: Cloud;
  readonly workspace_id?: string;
  readonly workspace_name?: string;
  readonly delivery: PushMode | MirrorMode;
  readonly replica_folder: string;
  readonly lost_replica: 'fail' | 'restart';
  readonly string_overflow: 'truncate' | 'fail';
  readonly over_limit: 'drop' | 'fail';
  readonly unmatched_references: 'ignore' | 'count' | 'insert';
  readonly allow_destructive_schema_change: boolean;
  readonly max_rows: number;
  readonly max_megabytes: number;
  readonly max_wait_minutes: number;
  readonly token_per_batch: boolean;
  readonly write_probe: boolean;
  readonly quarantine_file?: string;
  readonly endpoints?: Endpoints;
}

const uuid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const pushMode = {
  title: 'Push semantic model',
  description:
    'Rows go into a push semantic model. Microsoft makes no new ones after 31 October 2027; those that exist stay.',
  type: 'object',
  required: ['mode'],
  properties: {
    mode: { type: 'string', const: 'push', default: 'push', order: 0 },
    dataset_name: {
      type: 'string',
      order: 1,
      title: 'Semantic model',
      description: 'Name of the semantic model (dataset). Made when there is none of this name.',
      default: 'Ledgerpipe',
      minLength: 1,
    },
    dataset_id: {
      type: 'string',
      order: 2,
      title: 'Semantic model ID',
      description: 'ID of the semantic model, in place of its name, which need not be unique.',
      pattern: uuid,
      pattern_descriptor: '00000000-0000-0000-0000-000000000000',
    },
    retention: {
      type: 'string',
      enum: ['None', 'basicFIFO'],
      order: 3,
      title: 'Retention',
      description:
        '"None" keeps up to 5,000,000 rows a table; "basicFIFO" keeps 200,000 and drops the oldest: for append streams only.',
      default: 'None',
    },
    strategy: {
      type: 'string',
      enum: ['auto', 'rewrite', 'append_versions'],
      order: 4,
      title: 'Changed rows',
      description:
        'Power BI cannot change a pushed row. "rewrite" empties the table and sends it again, "append_versions" sends new versions that measures prefer, "auto" rewrites small tables and versions large ones.',
      default: 'auto',
    },
    versions_from_rows: {
      type: 'integer',
      minimum: 1,
      order: 5,
      title: 'Rows from which versions are appended',
      description: 'With "auto": tables of documents with this many rows get versions instead of a rewrite.',
      default: 100_000,
    },
    verify: {
      type: 'string',
      enum: ['off', 'count', 'full'],
      order: 6,
      title: 'Verification',
      description:
        'After a delivery: nothing, a count of the rows of each changed table by DAX, or of every table.',
      default: 'off',
    },
    min_interval_seconds: {
      type: 'number',
      minimum: 0,
      order: 7,
      title: 'Seconds between requests',
      description: 'Least time between two requests that add rows.',
      default: 1,
    },
    calendar_start: {
      type: 'string',
      format: 'date',
      pattern: '^\\d{4}-01-01$',
      pattern_descriptor: 'YYYY-01-01',
      order: 8,
      title: 'First day of the calendar',
      description: 'The Calendar table runs from this day to the end of the second year to come.',
      default: '2012-01-01',
    },
    fiscal_year_end: {
      type: 'string',
      pattern: '^\\d{2}-\\d{2}$',
      pattern_descriptor: 'MM-DD',
      order: 9,
      title: 'End of the fiscal year',
      description: 'Month and day on which the fiscal year ends, for year-to-date measures.',
      default: '12-31',
    },
  },
} as const;

const mirrorMode = {
  title: 'Fabric open mirroring',
  description: 'Files go to the landing zone of a mirrored database. Needs a Fabric capacity.',
  type: 'object',
  required: ['mode'],
  properties: {
    mode: { type: 'string', const: 'open_mirroring', default: 'open_mirroring', order: 0 },
    database_name: {
      type: 'string',
      order: 1,
      title: 'Mirrored database',
      description: 'Name of the mirrored database. Made when there is none of this name.',
      default: 'Ledgerpipe',
      minLength: 1,
    },
    database_id: {
      type: 'string',
      order: 2,
      title: 'Mirrored database ID',
      description: 'ID of the mirrored database, in place of its name.',
      pattern: uuid,
      pattern_descriptor: '00000000-0000-0000-0000-000000000000',
    },
    schema: {
      type: 'string',
      order: 3,
      title: 'Schema',
      description: 'Schema of the tables in the mirrored database.',
      pattern: '^[A-Za-z0-9_]{1,100}$',
      pattern_descriptor: 'dbo',
      default: 'dbo',
    },
    replication_wait_minutes: {
      type: 'number',
      minimum: 0,
      order: 4,
      title: 'Minutes to wait for replication',
      description: 'How long the status of replication is watched after files were laid down. 0: not at all.',
      default: 10,
    },
  },
} as const;

export const spec: Specification = {
  documentationUrl: 'https://learn.microsoft.com/rest/api/power-bi/push-datasets',
  supported_destination_sync_modes: ['append', 'overwrite', 'append_dedup'],
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Power BI',
    type: 'object',
    required: ['tenant_id', 'client_id', 'client_secret', 'delivery'],
    additionalProperties: true,
    properties: {
      tenant_id: {
        type: 'string',
        order: 0,
        title: 'Tenant ID',
        description: 'Directory (tenant) ID or domain of the Entra tenant. Not "common".',
        examples: ['contoso.onmicrosoft.com'],
        minLength: 1,
      },
      client_id: {
        type: 'string',
        order: 1,
        title: 'Client ID',
        description: 'Application (client) ID of the service principal.',
        minLength: 1,
      },
      client_secret: {
        type: 'string',
        order: 2,
        title: 'Client secret',
        description: 'Value of a client secret of the application: the value, not the secret ID.',
        airbyte_secret: true,
        minLength: 1,
      },
      workspace_id: {
        type: 'string',
        order: 3,
        title: 'Workspace ID',
        description: 'The part after /groups/ in the address of the workspace. Give this or the name.',
        pattern: uuid,
        pattern_descriptor: '00000000-0000-0000-0000-000000000000',
      },
      workspace_name: {
        type: 'string',
        order: 4,
        title: 'Workspace name',
        description: 'Name of the workspace, in place of its ID. Not "My workspace".',
      },
      delivery: {
        type: 'object',
        order: 5,
        title: 'Delivery',
        description: 'How rows reach Power BI.',
        oneOf: [pushMode, mirrorMode],
      },
      cloud: {
        type: 'string',
        enum: ['public', 'us_gcc', 'us_gcc_high', 'us_dod', 'china'],
        order: 6,
        title: 'Cloud',
        description: 'The Microsoft cloud of the tenant.',
        default: 'public',
      },
      replica_folder: {
        type: 'string',
        order: 7,
        title: 'Replica folder',
        description:
          'Folder that is kept between runs. It holds what the model holds, since pushed rows can be neither changed nor safely read back. Put it on a volume that lasts.',
        default: 'powerbi-replica',
        examples: ['/var/lib/ledgerpipe/powerbi'],
        minLength: 1,
      },
      lost_replica: {
        type: 'string',
        enum: ['fail', 'restart'],
        order: 8,
        title: 'When the replica is lost',
        description:
          '"fail" refuses to write to a model that the replica does not match; "restart" empties each table and loads what arrives: choose it for one run, with the state of the source cleared.',
        default: 'fail',
      },
      string_overflow: {
        type: 'string',
        enum: ['truncate', 'fail'],
        order: 9,
        title: 'Long texts',
        description: 'A text over 4,000 characters is cut, with a warning, or ends the run.',
        default: 'truncate',
      },
      over_limit: {
        type: 'string',
        enum: ['drop', 'fail'],
        order: 10,
        title: 'More than 75 tables or columns',
        description:
          'A model holds 75 tables of 75 columns: the least useful ones are left out, with a warning, or the run ends.',
        default: 'drop',
      },
      unmatched_references: {
        type: 'string',
        enum: ['ignore', 'count', 'insert'],
        order: 11,
        title: 'Keys without a row',
        description:
          'Fact keys that no dimension row has: "count" logs how many, "insert" also adds a row "(unknown KEY)" for each, replaced when the real one arrives.',
        default: 'ignore',
      },
      allow_destructive_schema_change: {
        type: 'boolean',
        order: 12,
        title: 'Recreate the model when it must change',
        description:
          'A table cannot be added to a push semantic model. When on, the model is made again under a new ID, filled from the replica, reports are bound to it, and the old one is deleted with its dashboard tiles.',
        default: false,
      },
      max_rows: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        order: 13,
        title: 'Rows per request',
        description: 'Most rows in one request.',
        default: 10_000,
      },
      max_megabytes: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 15,
        order: 14,
        title: 'Megabytes per request',
        description: 'Most megabytes in one request; Power BI takes 16.',
        default: 12,
      },
      max_wait_minutes: {
        type: 'number',
        minimum: 0,
        order: 15,
        title: 'Longest wait in minutes',
        description: 'How long a run waits for a quota of Power BI before it ends, to go on in the next run.',
        default: 120,
      },
      token_per_batch: {
        type: 'boolean',
        order: 16,
        title: 'New token for each batch',
        description: 'A token is asked for before each batch, instead of shortly before the last one ends.',
        default: false,
        airbyte_hidden: true,
      },
      write_probe: {
        type: 'boolean',
        order: 17,
        title: 'Check by writing',
        description: 'check creates a throwaway semantic model and deletes it.',
        default: false,
      },
      quarantine_file: {
        type: 'string',
        order: 18,
        title: 'Quarantine file',
        description: 'Where rows that Power BI refuses are kept. Default: a file in the replica folder.',
      },
      endpoints: {
        type: 'object',
        order: 19,
        title: 'Addresses',
        description: 'Other addresses than those of the cloud.',
        airbyte_hidden: true,
        properties: {
          login: { type: 'string', title: 'Login' },
          api: { type: 'string', title: 'Power BI API' },
          fabric: { type: 'string', title: 'Fabric API' },
          onelake: { type: 'string', title: 'OneLake' },
        },
      },
      ...stagingProperties(20),
    },
  },
};
