// Staging: record lines in, typed relational tables out.
export { deliverSegments } from './deliveries.ts';
export { type Landing, type Layout, landingOf, layOut, layOver, namesOf } from './landing.ts';
export { planTables } from './plan.ts';
export { runName } from './run-name.ts';
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
