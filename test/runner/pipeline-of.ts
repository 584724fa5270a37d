// A run of a pipeline as the settings give it, for tests that never start its connectors.
import type { PipelineSettings } from '../../runner/settings/index.ts';

export const pipelineOf = (name: string, more: Partial<PipelineSettings> = {}): PipelineSettings => ({
  name,
  base: name,
  tenants: [],
  source: { connector: 'source-xero', config: {} },
  destination: { connector: 'destination-databricks', config: {} },
  connection: name,
  exclusive: true,
  schedules: [],
  problems: [],
  ...more,
});
