// The Databricks writer: staged segments in, durable tables out.
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { deliver } from './deliver.ts';
import { openRun } from './run.ts';
import type { DatabricksSettings } from './settings.ts';
import { tableOf } from './sql/layout.ts';
import { resolveReferences } from './unmatched.ts';

export { check } from './check.ts';
export { tableOf } from './sql/layout.ts';

/** A run of deliveries. */
export interface Delivery {
  /** The run's own name, where the caller gave its job none. */
  readonly job: string;
  /** Resolves when every row of the segment is durable; the same segment again leaves the tables as once does. */
  deliver(segment: Segment): Promise<void>;
  /** After the last segment: looks at fact keys that no dimension row has, where the setting asks for it. */
  finish(): Promise<void>;
}

/** Opens a delivery to one schema; `agent` is the User-Agent of its requests. Nothing is asked of the workspace yet. */
export function openDelivery(
  context: Context<DatabricksSettings>,
  options: { readonly agent: string },
): Delivery {
  const run = openRun(context, options);
  const loaded = new Map<string, StagedTable>();
  return {
    job: run.job,
    async deliver(segment) {
      await deliver(run, segment);
      for (const table of segment.tables) if (table.rows > 0) loaded.set(tableOf(table), table);
    },
    finish: () => resolveReferences(run, [...loaded.values()]),
  };
}
