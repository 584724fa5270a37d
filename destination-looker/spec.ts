// The configuration: its type, and the form that people fill in. Secrets are marked in the groups of settings.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { type StagingSettings, stagingProperties } from '@ledgerpipe/staging/settings';
import {
  type AfterCommitSettings,
  afterCommitProperty,
  type LookerSettings,
  lookerProperty,
  type ScheduleSettings,
  schedulesProperty,
} from './settings/looker.ts';
import { type ModelSettings, modelProperty } from './settings/model.ts';
import {
  type FilesSettings,
  filesProperty,
  type SqlRunnerSettings,
  sqlRunnerProperty,
  type WarehouseSettings,
  warehouseProperty,
} from './settings/warehouse.ts';

export type { AfterCommitSettings, LookerSettings, ScheduleSettings } from './settings/looker.ts';
export type { ModelSettings } from './settings/model.ts';
export type {
  DatabricksSettings,
  FilesSettings,
  PostgresSettings,
  S3Settings,
  SftpSettings,
  SqlRunnerSettings,
  WarehouseSettings,
} from './settings/warehouse.ts';

export interface Config extends StagingSettings {
  /** Looker stores no rows: these are the three ways to bring them where it reads. */
  readonly mode: 'warehouse' | 'sql_runner' | 'files';
  readonly warehouse?: WarehouseSettings;
  readonly sql_runner: SqlRunnerSettings;
  readonly files?: FilesSettings;
  /** Schema for the tables, in the warehouse or behind Looker's connection. */
  readonly schema: string;
  readonly looker?: LookerSettings;
  /** Absent: no model is generated, and nothing is published. */
  readonly model?: ModelSettings;
  readonly after_commit: AfterCommitSettings;
  readonly schedules: readonly ScheduleSettings[];
  readonly deletion: 'soft' | 'hard';
  readonly unmatched_references: 'ignore' | 'count' | 'insert';
}

export const spec: Specification = {
  documentationUrl: 'https://cloud.google.com/looker/docs/db-config-postgresql',
  supported_destination_sync_modes: ['append', 'overwrite', 'append_dedup'],
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Looker',
    type: 'object',
    required: [],
    additionalProperties: true,
    properties: {
      mode: {
        type: 'string',
        enum: ['warehouse', 'sql_runner', 'files'],
        order: 0,
        title: 'Way in',
        description:
          'Looker keeps no rows: write to the warehouse it models, or through its SQL Runner (small volumes), or files for a warehouse to read.',
        default: 'warehouse',
      },
      warehouse: warehouseProperty(1),
      sql_runner: sqlRunnerProperty(2),
      files: filesProperty(3),
      schema: {
        type: 'string',
        order: 4,
        title: 'Schema',
        description: 'Schema for the tables. Made when it is missing and the role may make it.',
        minLength: 1,
        default: 'ledgerpipe',
      },
      looker: lookerProperty(5),
      model: modelProperty(6),
      after_commit: afterCommitProperty(7),
      schedules: schedulesProperty(8),
      deletion: {
        type: 'string',
        enum: ['soft', 'hard'],
        order: 9,
        title: 'Deleted records',
        description:
          'What a deleted record does to its row: "soft" sets _deleted_at and keeps the row, "hard" deletes it.',
        default: 'soft',
      },
      unmatched_references: {
        type: 'string',
        enum: ['ignore', 'count', 'insert'],
        order: 10,
        title: 'Keys without a row',
        description:
          'Fact keys that no dimension row has: "count" logs how many after the load, "insert" also adds a row "(unknown KEY)" for each, replaced when the real one arrives.',
        default: 'count',
      },
      ...stagingProperties(11),
    },
  },
};
