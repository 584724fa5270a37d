// The configuration: its type, and the form that people fill in. Secrets are marked here and nowhere else.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { type StagingSettings, stagingProperties } from '@ledgerpipe/staging/settings';
import { credentialsForm, routesForm } from './forms.ts';

export type Credentials =
  | { readonly auth_type: 'pat'; readonly token_name: string; readonly token_secret: string }
  | {
      readonly auth_type: 'connected_app';
      readonly client_id: string;
      readonly secret_id: string;
      readonly secret_value: string;
      readonly username: string;
    }
  | { readonly auth_type: 'password'; readonly username: string; readonly password: string };

/** Where the rows of one tenant go; what is left out is as at the top of the configuration. */
export interface Route {
  readonly tenant: string;
  readonly site?: string;
  readonly project?: string;
  readonly name_prefix?: string;
  readonly credentials?: Credentials;
}

export interface Dependent {
  readonly kind: 'datasource' | 'workbook';
  /** LUID. */
  readonly id: string;
  readonly site?: string;
}

export interface Config extends StagingSettings {
  readonly server: string;
  readonly site: string;
  readonly credentials: Credentials;
  readonly project: string;
  readonly name_prefix: string;
  readonly routes: readonly Route[];
  readonly layout: 'stream' | 'star';
  readonly hyperd_path?: string;
  readonly update_megabytes: number;
  readonly chunk_megabytes: number;
  readonly parallel: number;
  readonly updates_per_hour: number;
  readonly job_minutes: number;
  readonly purged_jobs: 'accept' | 'fail';
  readonly refresh: readonly Dependent[];
  readonly hyperd_memory_megabytes: number;
}

export const spec: Specification = {
  documentationUrl:
    'https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_how_to_update_data_to_hyper.htm',
  supported_destination_sync_modes: ['append', 'overwrite', 'append_dedup'],
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tableau',
    type: 'object',
    required: ['server', 'credentials'],
    additionalProperties: true,
    properties: {
      server: {
        type: 'string',
        order: 0,
        title: 'Server',
        description: 'Address of Tableau Cloud (with its pod) or of Tableau Server.',
        examples: ['https://10ax.online.tableau.com', 'https://tableau.example.com'],
      },
      site: {
        type: 'string',
        order: 1,
        title: 'Site',
        description:
          'The part of the address after "/site/". Empty: the default site, which only Server has.',
        default: '',
        examples: ['finance'],
      },
      credentials: {
        ...credentialsForm,
        order: 2,
        title: 'Credentials',
        description: 'How to sign in. The user needs the site role Explorer (can publish) or higher.',
      },
      project: {
        type: 'string',
        order: 3,
        title: 'Project',
        description: 'Path of the project for the data sources, its parts separated by "/". It must exist.',
        default: 'default',
        examples: ['Finance/Ledgers'],
      },
      name_prefix: {
        type: 'string',
        order: 4,
        title: 'Name prefix',
        description: 'Put before the name of every data source.',
        default: '',
        examples: ['Acme '],
      },
      routes: { ...routesForm, order: 5 },
      layout: {
        type: 'string',
        enum: ['stream', 'star'],
        order: 6,
        title: 'Layout',
        description:
          'What a data source holds: "stream" the tables of one stream, "star" also the dimensions that it refers to.',
        default: 'stream',
      },
      hyperd_path: {
        type: 'string',
        order: 7,
        title: 'Path of hyperd',
        description:
          'Tableau\'s own Hyper server, which writes .hyper files. Default: the variable HYPERD_PATH, then the npm package "hyperdb-mcp-linux-x64-gnu". Without it only whole tables can be published.',
        examples: ['/opt/tableau/hyper/hyperd'],
      },
      update_megabytes: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 100,
        order: 8,
        title: 'Megabytes per update',
        description:
          'The largest file of one update; more rows go in several. Tableau refuses over 100 MB, older servers over 10 MB.',
        default: 64,
      },
      chunk_megabytes: {
        type: 'integer',
        minimum: 1,
        maximum: 64,
        order: 9,
        title: 'Megabytes per upload request',
        description: 'Files are uploaded in pieces of this size, at most 64 MB.',
        default: 32,
      },
      parallel: {
        type: 'integer',
        minimum: 1,
        maximum: 4,
        order: 10,
        title: 'Parallel work',
        description: 'Data sources of a site that are changed at the same time.',
        default: 4,
      },
      updates_per_hour: {
        type: 'integer',
        minimum: 0,
        order: 11,
        title: 'Changes per hour and site',
        description:
          'Tableau Cloud allows 600 publishes and updates an hour. 0: no limit, as on Tableau Server.',
        default: 600,
      },
      job_minutes: {
        type: 'number',
        exclusiveMinimum: 0,
        order: 12,
        title: 'Minutes for a job',
        description: 'How long a job of Tableau may take before the run fails.',
        default: 60,
      },
      purged_jobs: {
        type: 'string',
        enum: ['accept', 'fail'],
        order: 13,
        title: 'Jobs that vanish',
        description:
          'Tableau forgets jobs soon after they end. One whose data source has changed since counts as done. Another is sent again; if it vanishes once more, "fail" ends the run, and "accept" counts it as done.',
        default: 'fail',
      },
      refresh: {
        type: 'array',
        order: 14,
        title: 'Refresh afterwards',
        description: 'Extracts that are built on these data sources, refreshed at the end of a run.',
        default: [],
        items: {
          type: 'object',
          required: ['kind', 'id'],
          properties: {
            kind: { type: 'string', enum: ['datasource', 'workbook'], title: 'Kind' },
            id: { type: 'string', title: 'LUID', examples: ['1f2f3e4e-5d6d-7c8c-9b0b-1a2a3f4f5e6e'] },
            site: { type: 'string', title: 'Site' },
          },
        },
      },
      hyperd_memory_megabytes: {
        type: 'integer',
        minimum: 128,
        order: 15,
        title: 'Megabytes for hyperd',
        description: 'Memory that hyperd may use.',
        default: 512,
        airbyte_hidden: true,
      },
      ...stagingProperties(16),
    },
  },
};
