// Records that come late: over the segments of a run, an older version of a record does not replace a newer one.
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column, StagedTable } from '@ledgerpipe/staging';
import type { Engine, Workbench } from './hyper/engine.ts';
import { literal, parquetFiles, quoted } from './hyper/text.ts';
import { hyperType } from './hyper/types.ts';
import type { Log } from './run.ts';

const rawId = '_airbyte_raw_id';

/** Rows that an earlier segment brought, and the types they have there. */
interface Earlier {
  readonly paths: readonly string[];
  readonly columns: readonly Column[];
}

interface Ordered {
  readonly keys: readonly string[];
  readonly cursor: string;
  /** Keys and cursor. */
  readonly columns: readonly Column[];
}

export interface NewestOptions {
  /** Where rows are kept until the run ends: their files, not copies of them. */
  readonly folder: string;
  readonly engine: Engine;
  readonly log: Log;
}

/**
 * An upsert of Tableau compares keys and nothing else, so cursors are compared here, with those of all earlier
 * segments of the run. Within a segment staging leaves the newest version only; what earlier runs brought is not known.
 */
export class Newest {
  readonly #options: NewestOptions;
  readonly #earlier = new Map<string, Earlier[]>();
  #files = 0;

  constructor(options: NewestOptions) {
    this.#options = options;
  }

  /**
   * The path of a Parquet file with the raw ids of the records that are older than what the run has delivered; undefined
   * when there are none. The rows count as delivered from now on.
   */
  async stale(main: StagedTable, files: readonly string[]): Promise<string | undefined> {
    const order = orderOf(main);
    if (!order || main.rows === 0) return undefined;
    const { stream } = main.declaration;
    const earlier = this.#earlier.get(stream) ?? [];
    const { engine, log } = this.#options;
    const found =
      earlier.length === 0
        ? undefined
        : await engine.use((workbench) => this.#olderIn(workbench, { files, earlier, order }));
    this.#earlier.set(stream, [...earlier, { paths: await this.#kept(files), columns: order.columns }]);
    if (!found) return undefined;
    const { count, path } = found;
    await log(
      'INFO',
      `Stream "${stream}": ${count} ${count === 1 ? 'record is' : 'records are'} left out, newer versions came before`,
    );
    return path;
  }

  async #olderIn(
    workbench: Workbench,
    { files, earlier, order }: { files: readonly string[]; earlier: readonly Earlier[]; order: Ordered },
  ): Promise<{ readonly count: number; readonly path: string } | undefined> {
    const { keys } = order;
    const cursor = quoted(order.cursor);
    const now = `(SELECT * FROM ${parquetFiles(files)}) AS n`;
    const before = `(${earlier.map((one) => alike(one, order)).join(' UNION ALL ')}) AS e`;
    // Sources mostly read in the order of their cursor: then this is all.
    const overlap = await workbench.rows(
      `SELECT 1 AS found FROM (SELECT min(${cursor}) AS low FROM ${now}) AS l, (SELECT max(${cursor}) AS high FROM ${before}) AS h WHERE h.high > l.low`,
    );
    if (overlap.length === 0) return undefined;
    const listed = keys.map(quoted).join(', ');
    const newest = `(SELECT ${listed}, max(${cursor}) AS newest FROM ${before} GROUP BY ${listed}) AS o`;
    const same = keys.map((key) => `n.${quoted(key)} = o.${quoted(key)}`).join(' AND ');
    const older = `FROM ${now} JOIN ${newest} ON ${same} WHERE n.${cursor} < o.newest`;
    const [row] = await workbench.rows(`SELECT count(*) AS count ${older}`);
    const count = Number(row?.count ?? 0);
    if (count === 0) return undefined;
    const path = this.#path();
    await workbench.run(
      `COPY (SELECT n.${quoted(rawId)} ${older}) TO ${literal(path)} WITH (FORMAT => 'parquet')`,
    );
    return { count, path };
  }

  async #kept(files: readonly string[]): Promise<readonly string[]> {
    const kept: string[] = [];
    for (const file of files) {
      const path = this.#path();
      // Some file systems have no hard links.
      await link(file, path).catch(() => copyFile(file, path));
      kept.push(path);
    }
    return kept;
  }

  #path(): string {
    this.#files += 1;
    return join(this.#options.folder, `newest-${this.#files}.parquet`);
  }
}

/** What orders the versions of a record; nothing where all are kept, or none is told apart. */
function orderOf({ mode, keys, columns, declaration }: StagedTable): Ordered | undefined {
  if (mode !== 'upsert' || keys.length === 0 || declaration.cursor.length === 0) return undefined;
  const wanted = JSON.stringify(declaration.cursor);
  const cursor = columns.find(({ meta, path }) => !meta && JSON.stringify(path) === wanted);
  if (!cursor || cursor.type.kind === 'json' || cursor.type.kind === 'boolean') return undefined;
  const named = new Set([...keys, cursor.name]);
  return { keys, cursor: cursor.name, columns: columns.filter(({ name }) => named.has(name)) };
}

/** Earlier rows in the types that the columns have now: values may have asked for wider ones meanwhile. */
function alike({ paths, columns }: Earlier, order: Ordered): string {
  const values = order.columns.map(({ name, type }) => {
    const before = columns.find((column) => column.name === name);
    const wanted = hyperType(type, { wide: true });
    const same = before && hyperType(before.type, { wide: true }) === wanted;
    return same ? quoted(name) : `CAST(${quoted(name)} AS ${wanted}) AS ${quoted(name)}`;
  });
  return `SELECT ${values.join(', ')} FROM ${parquetFiles(paths)}`;
}
