// The configuration: its type, and the form that people fill in.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import {
  connectionProperties,
  type DatabricksSettings,
  requiredSettings,
  writingProperties,
} from '@ledgerpipe/databricks/settings';
import { type StagingSettings, stagingProperties } from '@ledgerpipe/staging/settings';

export type Config = DatabricksSettings & StagingSettings;

export const spec: Specification = {
  documentationUrl: 'https://docs.databricks.com/aws/en/dev-tools/sql-execution-tutorial',
  supported_destination_sync_modes: ['append', 'overwrite', 'append_dedup'],
  connectionSpecification: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Databricks',
    type: 'object',
    required: [...requiredSettings],
    additionalProperties: true,
    properties: { ...connectionProperties, ...writingProperties, ...stagingProperties(14) },
  },
};
