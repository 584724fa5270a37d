// What the demo needs to know of each destination: what a sync costs there, and the proof of what landed.
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';
import type { TableauEmulator } from '../emulators/tableau/index.ts';
import { type LookerSandbox, lookerSchema } from '../sandbox/looker.ts';
import type { DestinationName } from '../sandbox/pipeline.ts';
import { modelName, type PowerBiSandbox } from '../sandbox/powerbi.ts';
import { type Comparison, compareFigures, landedIn } from './compare.ts';
import { databricksEngine } from './databricks.ts';
import { exploreBooks, exploreFigures } from './explores.ts';
import { type Engine, invoiceTotal } from './figures.ts';
import { postgresEngine } from './postgres.ts';
import { proofOfPowerBi, rowRequests } from './powerbi.ts';
import { daxInvoiceTotal, daxModel } from './powerbi-dax.ts';
import type { DemoSource, InvoiceColumns, RunningSource } from './sources.ts';
import { withTableauEngine } from './tableau.ts';

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
  /** What a sales invoice comes to there, as decimal text; undefined: it is not there. */
  invoice(columns: InvoiceColumns, id: string): Promise<string | undefined>;
}

interface Emulators {
  readonly databricks: DatabricksEmulator;
  readonly tableau: TableauEmulator;
  readonly looker: LookerSandbox;
  readonly powerbi: PowerBiSandbox;
}

/** What an engine holds beside the books. */
async function proofOf(
  engine: Engine,
  destination: string,
  source: DemoSource & RunningSource,
): Promise<Proof> {
  const landed = await landedIn(engine, source);
  return {
    tables: landed.text,
    ...compareFigures(source.expected(), landed.figures, {
      destination,
      organisations: source.organisations,
    }),
  };
}

/** The tables beside the books, and then what people see: the explores over them. */
async function proofOfLooker(looker: LookerSandbox, source: DemoSource & RunningSource): Promise<Proof> {
  const tables = await proofOf(postgresEngine(looker.postgres, lookerSchema), 'PostgreSQL', source);
  const seen = compareFigures(
    exploreBooks(source.from, source.books),
    await exploreFigures(looker, source.from, source.books),
    {
      destination: 'explores',
      organisations: source.organisations,
      shown: /^(receivable|payable|overdue|spend)/,
    },
  );
  return {
    tables: tables.tables,
    text: `${tables.text}\n\nThrough the explores of Looker, and revenue by customer beside them:\n${seen.text}`,
    agrees: tables.agrees && seen.agrees,
    compared: tables.compared + seen.compared,
  };
}

export const runningDestinations: {
  readonly [Name in DestinationName]: (sandbox: Pick<Emulators, Name>) => RunningDestination;
} = {
  databricks: ({ databricks }) => ({
    title: 'Databricks',
    unit: 'statements',
    cost: () => databricks.statements.length,
    prove: (source) => proofOf(databricksEngine(databricks), 'Databricks', source),
    invoice: (columns, id) => invoiceTotal(databricksEngine(databricks), columns, id),
  }),
  looker: ({ looker }) => ({
    title: 'Looker',
    unit: 'deploys',
    cost: () => looker.requests.filter(({ url }) => url.pathname.includes('/deploy')).length,
    prove: (source) => proofOfLooker(looker, source),
    invoice: (columns, id) => invoiceTotal(postgresEngine(looker.postgres, lookerSchema), columns, id),
  }),
  powerbi: ({ powerbi }) => ({
    title: 'Power BI',
    unit: 'requests that add rows',
    cost: () => rowRequests(powerbi),
    prove: (source) => proofOfPowerBi(powerbi, source),
    invoice: (columns, id) => daxInvoiceTotal(daxModel(powerbi, modelName), columns, id),
  }),
  tableau: ({ tableau }) => ({
    title: 'Tableau',
    unit: 'publishes and updates',
    cost: () => tableau.jobs.log.length,
    prove: (source) => withTableauEngine(tableau, (engine) => proofOf(engine, 'Tableau', source)),
    invoice: (columns, id) => withTableauEngine(tableau, (engine) => invoiceTotal(engine, columns, id)),
  }),
};
