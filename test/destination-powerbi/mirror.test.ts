// The suite every destination passes, in the mode of open mirroring: Parquet to OneLake, asked of the mirror itself.
import destination from '../../destination-powerbi/index.ts';
import { describeDestination } from '../conformance/destination.ts';
import { openWorkspace } from './workspace.ts';

const added = /^_(position|airbyte_extracted_at|job_id|deleted_at|ab_cdc_deleted_at)$/;

describeDestination({
  destination,
  open: async () => {
    const workspace = await openWorkspace({
      config: { names: 'snake_case', delivery: { mode: 'open_mirroring', database_name: 'Finance' } },
    });
    return {
      config: workspace.config,
      clock: workspace.clock,
      faults: workspace.emulator.faults,
      rows: async (table) => {
        workspace.clock.advance(60_000);
        const rows = await workspace.emulator.mirrored(table).catch(() => []);
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).filter(([name]) => !added.test(name))),
        );
      },
      close: workspace.close,
    };
  },
  refused: [],
});
