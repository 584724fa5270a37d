// What tests and the demo look at and change from outside, without a call of the API.
import type { MirroredDatabase, OneLake } from '../onelake/index.ts';
import { type Cell, decimalText, Instant, instantText } from './cells.ts';
import type { Dataset, Report } from './datasets.ts';
import { runQuery } from './dax/query.ts';
import type { Entra } from './entra.ts';
import type { Parts } from './parts.ts';
import type { StoredTable } from './stored-table.ts';
import { newWorkspace, type Role, type Workspace } from './tenant.ts';

/** Decimals and instants as text (`12.3400`, `2026-01-31T00:00:00`), BLANK as null. */
export type PlainRow = Readonly<Record<string, string | number | boolean | null>>;

export interface PowerBiControls {
  /** The one dataset of that name or id. */
  dataset(name: string): Dataset;
  readonly datasets: readonly Dataset[];
  /** Every row of a table of the one dataset, or of the named one; oldest first. */
  rows(table: string, dataset?: string): PlainRow[];
  /** Rows of a DAX query, under the names executeQueries gives its columns. */
  dax(query: string, dataset?: string): Promise<PlainRow[]>;
  /** Rows that POSTs stored so far, in all tables. */
  rowsPosted(): number;
  /** 429s the emulator's quotas gave so far; scripted ones do not count. */
  throttled(): number;
  expireTokens(): void;
  /** Tokens given out so far. */
  tokens(): number;
  addWorkspace(name: string, role?: Role): Workspace;
  /** A dataset that is no push dataset. */
  addImportDataset(name: string): Dataset;
  addReport(name: string, dataset: Dataset): Report;
  readonly reports: readonly Report[];
  /** Mirrored databases of all workspaces. */
  readonly databases: readonly MirroredDatabase[];
}

export interface ControlOptions {
  readonly parts: Parts;
  readonly entra: Entra;
  readonly counted: { readonly throttled: number };
  readonly oneLake: Pick<OneLake, 'databases'>;
}

export function controls({ parts, entra, counted, oneLake }: ControlOptions): PowerBiControls {
  const { tenant, datasets, clock, switches } = parts;
  const all = (): readonly Dataset[] => tenant.workspaces.flatMap(({ id }) => datasets.in(id));
  const dataset = (name?: string): Dataset => {
    const found = all().filter((one) => name === undefined || one.name === name || one.id === name);
    const [only] = found;
    if (!only || found.length > 1)
      throw new Error(
        `There are ${found.length} datasets${name === undefined ? '' : ` "${name}"`}, not one.`,
      );
    return only;
  };
  return {
    dataset,
    get datasets() {
      return all();
    },
    get databases() {
      return oneLake.databases;
    },
    get reports() {
      return datasets.reports;
    },
    rows: (name, of) => {
      const found = dataset(of);
      const table = found.tables.find((one) => one.name === name);
      if (!table) throw new Error(`Dataset "${found.name}" has no table "${name}".`);
      return rowsOf(table);
    },
    dax: async (query, of) => {
      await dataset(of).load?.();
      const { columns, rows } = runQuery(query, { model: dataset(of), now: clock.now(), switches });
      return rows.map((row) =>
        Object.fromEntries(columns.map((name, index) => [name, plain(row[index] ?? null)])),
      );
    },
    rowsPosted: () => parts.posted,
    throttled: () => counted.throttled,
    expireTokens: () => entra.expireAll(),
    tokens: () => entra.issued,
    addWorkspace: (name, role = 'Member') => {
      const workspace = newWorkspace(name, role);
      tenant.workspaces.push(workspace);
      return workspace;
    },
    addImportDataset: (name) =>
      datasets.add({
        name,
        workspaceId: tenant.workspaces[0]?.id ?? '',
        mode: 'Import',
        tables: [],
        relationships: [],
      }),
    addReport: (name, of) => datasets.addReport(name, of),
  };
}

function rowsOf(table: StoredTable): PlainRow[] {
  const names = table.columns.map(({ name }) => name);
  return Array.from({ length: table.size }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, plain(table.values(column)[row] ?? null)])),
  );
}

export function plain(cell: Cell): string | number | boolean | null {
  if (typeof cell === 'bigint') return decimalText(cell);
  return cell instanceof Instant ? instantText(cell) : cell;
}
