// The staged tables of a segment as Parquet files that hyperd reads: written once, cut by place.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import type { Engine } from './hyper/engine.ts';
import { literal, parquetFiles, quoted } from './hyper/text.ts';
import type { Newest } from './newest.ts';
import { type Place, tenantColumn } from './places.ts';

/** The rows of one staged table that belong to one place. */
export interface Slice {
  readonly table: StagedTable;
  readonly rows: number;
  readonly tombstones: number;
  /** `FROM ... WHERE ...` over the files: alive rows, tombstones, or all of them. */
  from(which: 'alive' | 'gone' | 'all', part?: Part): string;
}

/** One of `of` parts of about equal size; a record and the rows of its arrays are in the same one. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

export interface StagedOptions {
  readonly folder: string;
  readonly engine: Engine;
  readonly newest: Newest;
}

export class StagedSegment {
  readonly segment: Segment;
  readonly #folder: string;
  readonly #engine: Engine;
  readonly #newest: Newest;
  readonly #stale = new Map<StagedTable, Promise<string | undefined>>();
  readonly #files = new Map<StagedTable, Promise<readonly string[]>>();

  constructor(segment: Segment, { folder, engine, newest }: StagedOptions) {
    this.segment = segment;
    this.#folder = folder;
    this.#engine = engine;
    this.#newest = newest;
  }

  /** What a table has for a place. Rows are counted only where some are left out. */
  async slice(
    table: StagedTable,
    { place, main }: { place: Place; main: StagedTable },
  ): Promise<Slice | undefined> {
    const { kind, list } = place.tenants;
    const tenant = tenantColumn(main);
    if (tenant === undefined && kind === 'these') return undefined;
    const routed = tenant !== undefined && list.length > 0;
    const [paths, mainPaths] = [await this.files(table), routed ? await this.files(main) : []];
    const stale = await this.#staleOf(main);
    const own = [
      ...(routed ? [ofTenants({ table, main, mainPaths, tenant }, place)] : []),
      ...(stale ? [`"_airbyte_raw_id" NOT IN (SELECT "_airbyte_raw_id" FROM ${parquetFiles([stale])})`] : []),
    ];
    const from = (which: 'alive' | 'gone' | 'all', part?: Part): string => {
      const conditions = [
        ...own,
        ...(which === 'alive' ? ['"_deleted_at" IS NULL'] : []),
        ...(which === 'gone' ? ['"_deleted_at" IS NOT NULL'] : []),
        ...(part && part.of > 1 ? [ofPart(part)] : []),
      ];
      const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
      return `FROM ${parquetFiles(paths)}${where}`;
    };
    const partial = (routed || stale !== undefined) && table.rows > 0;
    const { rows, tombstones } = partial ? await this.#count(from('all')) : table;
    return { table, rows, tombstones, from };
  }

  files(table: StagedTable): Promise<readonly string[]> {
    const known = this.#files.get(table);
    if (known) return known;
    const folder = join(this.#folder, String(this.#files.size));
    const written = table.write(folder, { format: 'parquet' }).then((files) => files.map(({ path }) => path));
    this.#files.set(table, written);
    return written;
  }

  /** Records that are older than what the run has delivered; asked once, for asking also remembers them. */
  #staleOf(main: StagedTable): Promise<string | undefined> {
    const known = this.#stale.get(main) ?? this.files(main).then((files) => this.#newest.stale(main, files));
    this.#stale.set(main, known);
    return known;
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#files.values());
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #count(from: string): Promise<{ rows: number; tombstones: number }> {
    const [row] = await this.#engine.use((workbench) =>
      workbench.rows(`SELECT count(*) AS rows, count("_deleted_at") AS gone ${from}`),
    );
    return { rows: Number(row?.rows ?? 0), tombstones: Number(row?.gone ?? 0) };
  }
}

interface Routed {
  readonly table: StagedTable;
  readonly main: StagedTable;
  readonly mainPaths: readonly string[];
  readonly tenant: string;
}

/** Rows of arrays carry the raw id of their record, and its key, where the tenant mostly is. */
function ofTenants({ table, main, mainPaths, tenant }: Routed, { tenants }: Place): string {
  const among = (column: string): string => {
    const list = `(${tenants.list.map(literal).join(', ')})`;
    const text = `CAST(${quoted(column)} AS text)`;
    return tenants.kind === 'these' ? `${text} IN ${list}` : `(${text} IS NULL OR ${text} NOT IN ${list})`;
  };
  if (table === main) return among(tenant);
  return `"_airbyte_raw_id" IN (SELECT "_airbyte_raw_id" FROM ${parquetFiles(mainPaths)} WHERE ${among(tenant)})`;
}

/** Raw ids end in twelve digits that count the records of a batch. */
const ofPart = ({ number, of }: Part): string =>
  `CAST(right("_airbyte_raw_id", 12) AS bigint) % ${of} = ${number}`;
