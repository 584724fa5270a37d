// What the demo needs to know of each destination: what a sync costs there, and the proof of what landed.
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';
import type { DestinationName } from '../sandbox/pipeline.ts';
import { type Comparison, compareFigures, landedIn } from './compare.ts';
import { databricksEngine } from './databricks.ts';
import type { DemoSource, RunningSource } from './sources.ts';

export interface Proof extends Comparison {
  /** What is there, for a person. */
  readonly tables: string;
}

export interface RunningDestination {
  readonly title: string;
  /** What is counted as the cost of a sync. */
  readonly unit: string;
  cost(): number;
  prove(source: DemoSource & RunningSource): Promise<Proof>;
}

interface Emulators {
  readonly databricks: DatabricksEmulator;
}

export const runningDestinations: {
  readonly [Name in DestinationName]: (sandbox: Pick<Emulators, Name>) => RunningDestination;
} = {
  databricks: ({ databricks }) => ({
    title: 'Databricks',
    unit: 'statements',
    cost: () => databricks.statements.length,
    async prove({ figures, expected, organisations }) {
      const landed = await landedIn(databricksEngine(databricks), figures);
      return {
        tables: landed.text,
        ...compareFigures(expected(), landed.figures, { destination: 'Databricks', organisations }),
      };
    },
  }),
};
