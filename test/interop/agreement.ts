// Whether the tables of a schema in Databricks agree with the books, by the figures an accountant would ask for.
import { type Comparison, compareFigures, landedIn } from '../demo/compare.ts';
import { databricksEngine } from '../demo/databricks.ts';
import { demoSources, runningSource } from '../demo/sources.ts';
import type { Sandbox } from '../sandbox/open.ts';
import type { SourceName } from '../sandbox/pipeline.ts';

/** A sandbox in which every source runs, and Databricks. */
export type WholeSandbox = Sandbox<SourceName | 'databricks'>;

export async function agreement(
  { databricks, books, ...emulators }: WholeSandbox,
  { from, schema }: { readonly from: SourceName; readonly schema: string },
): Promise<Comparison> {
  const { expected, organisations } = runningSource({ books, [from]: emulators[from] });
  const { companies } = demoSources[from];
  // A consent may open one company of several.
  const connected = [...organisations.keys()].slice(0, companies);
  const own = [...expected()].filter(([name]) => connected.some((id) => name.startsWith(`${id} `)));
  const landed = await landedIn(databricksEngine(databricks, schema), demoSources[from]);
  return compareFigures(new Map(own), landed.figures, { destination: 'Databricks', organisations });
}
