// The end of making a model again: reports are bound to the new one, then the old one goes.
import { deleteDataset, listReports, rebindReport } from '../api/datasets.ts';
import type { Session } from './session.ts';

/** Nothing to do unless a model was replaced. Repeating it does no harm. */
export async function finishReplacement({ run, store, workspace, dataset }: Session): Promise<void> {
  const old = store.target.replacing;
  if (old === null) return;
  const reports = (await listReports(run.api, workspace)).filter(({ datasetId }) => datasetId === old);
  for (const report of reports) await rebindReport(run.api, workspace, { report, dataset });
  await deleteDataset(run.api, workspace, old);
  await store.retarget({ replacing: null });
  await run.log(
    'INFO',
    JSON.stringify({ event: 'model replaced', old, new: dataset, reports: reports.map(({ name }) => name) }),
  );
}
