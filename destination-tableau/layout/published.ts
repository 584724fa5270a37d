// Which of staging's columns people get to see: those that only a delivery needs stay behind.
import type { Column, TablePlan } from '@ledgerpipe/staging';

/** Nothing here compares hashes, and what is deleted is not there. */
const never: ReadonlySet<string> = new Set(['_row_hash', '_deleted_at']);
export const rawId = '_airbyte_raw_id';

/** Whether rows are told apart by their record's key: every version is a row of its own where rows are appended. */
export const isKeyed = ({ mode, keys }: TablePlan): boolean => mode !== 'append' && keys.length > 0;

/** The columns of a table as it is published. Raw ids are a third of a file of journal lines: they go where keys do their work. */
export const publishedColumns = (plan: TablePlan): readonly Column[] =>
  plan.columns.filter(({ name, meta }) => !meta || !(never.has(name) || (name === rawId && isKeyed(plan))));
