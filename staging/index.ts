// Staging: record lines in, typed relational tables out.
export { planTables } from './plan.ts';
export { type StagingPorts, segments } from './segments.ts';
export type {
  Column,
  ColumnType,
  Reference,
  Segment,
  StagedFile,
  StagedTable,
  StagingOptions,
  TablePlan,
} from './tables.ts';
