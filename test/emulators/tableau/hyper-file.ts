// What the server makes of an uploaded file: is it Hyper or Parquet, can it be read, do its tables form a star.
import { open, rm, stat } from 'node:fs/promises';
import { fileVersion, type HyperTable, literal, quoted, readTables } from '../hyperd/index.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { atLeast, type World } from './model.ts';

type Reader = Pick<World, 'hyperd' | 'switches' | 'version' | 'fileVersion'>;

/** Refuses what is no readable .hyper file (400011); gives its tables. */
export async function readHyperFile(path: string, world: Reader): Promise<HyperTable[]> {
  const version = fileVersion(await edge(path, 'head', 16));
  if (version === undefined) throw badRequest(400011, 'The file is not a valid Hyper file');
  if (version > world.fileVersion)
    throw badRequest(
      400011,
      `Unsupported Hyper file version ${version}, the server reads ${world.fileVersion} (0AS01)`,
    );
  try {
    return await world.hyperd.open(path, (session) => readTables(session));
  } catch (error) {
    throw badRequest(400011, `The Hyper file could not be opened: ${(error as Error).message}`);
  }
}

/**
 * A bare file with several tables is published as a star: assumed foreign keys must join all of them into one tree
 * whose root, the only table nobody refers to, is the fact (tableau.md 7.5).
 */
export function checkStar(tables: readonly HyperTable[], { switches, version }: Reader): void {
  if (tables.length === 0) throw badRequest(400011, 'The Hyper file holds no table');
  if (tables.length === 1) return;
  if (!atLeast(version, '3.14'))
    throw badRequest(400011, 'Several tables in one Hyper file can be published from 2021.4 on');
  const nameOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`;
  const edges = tables.flatMap((table) => table.references.map((to) => [nameOf(table), nameOf(to)] as const));
  const facts = tables.filter((table) => !edges.some(([, to]) => to === nameOf(table)));
  const [fact] = facts;
  const reached = new Set<string>(fact ? [nameOf(fact)] : []);
  for (const from of reached) for (const [start, to] of edges) if (start === from) reached.add(to);
  const tree = edges.length === tables.length - 1 && reached.size === tables.length;
  if (facts.length === 1 && tree) return;
  const reason = `Hyper file with multiple tables must contain exactly one fact table (0x5CE10192): found ${facts.length} and ${edges.length} keys among ${tables.length} tables`;
  throw badRequest(switches.factTableCode, reason);
}

/** Makes the .hyper file that Tableau keeps of a Parquet file: one table. */
export async function convertParquet(
  source: string,
  target: string,
  { world, fileName }: { world: Reader; fileName: string },
): Promise<void> {
  if (!atLeast(world.version, '3.15'))
    throw badRequest(400011, 'Parquet files can be published from 2022.1 on');
  const magic = 'PAR1';
  const ends = [await edge(source, 'head', magic.length), await edge(source, 'tail', magic.length)];
  if (!ends.every((bytes) => bytes.toString('latin1') === magic))
    throw badRequest(400011, 'The file is not a valid Parquet file');
  const named = world.switches.parquetTable === 'Extract';
  const [schema, table] = named ? ['Extract', 'Extract'] : ['public', fileName.replace(/\.[^.]*$/, '')];
  const session = await world.hyperd.connect();
  try {
    await session.query(`CREATE DATABASE ${quoted(target)}`);
    await session.attach(target, 'db');
    await session.query(`CREATE SCHEMA IF NOT EXISTS "db".${quoted(schema ?? '')}`);
    const rows = `SELECT * FROM external(${literal(source)}, FORMAT => 'parquet')`;
    await session.query(`CREATE TABLE "db".${quoted(schema ?? '')}.${quoted(table ?? '')} AS (${rows})`);
    await session.detach('db');
  } catch (error) {
    await session.close();
    await rm(target, { force: true });
    throw badRequest(400011, `The Parquet file could not be converted: ${(error as Error).message}`);
  }
  await session.close();
}

/** Adds the rows of one file to another: one table each, with the same columns. */
export async function appendFile(
  target: string,
  source: string,
  { world, tables }: { world: Reader; tables: { target: HyperTable[]; source: HyperTable[] } },
): Promise<void> {
  const [to, ...moreTargets] = tables.target;
  const [from, ...moreSources] = tables.source;
  if (!to || !from || moreTargets.length > 0 || moreSources.length > 0)
    throw badRequest(400011, 'Appending takes extracts of a single table; this one uses multi-table storage');
  const shape = ({ columns }: HyperTable) => columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  if (shape(to) !== shape(from))
    throw badRequest(400011, `The schema to append differs: (${shape(from)}) against (${shape(to)})`);
  await world.hyperd.open(target, async (session) => {
    await session.attach(source, 'more');
    const names = to.columns.map(({ name }) => quoted(name)).join(', ');
    const into = `"db".${quoted(to.schema)}.${quoted(to.name)}`;
    await session.query(
      `INSERT INTO ${into} (${names}) SELECT ${names} FROM "more".${quoted(from.schema)}.${quoted(from.name)}`,
    );
    await session.detach('more');
  });
}

export const discard = (path: string): Promise<void> => rm(path, { force: true });

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

async function edge(path: string, which: 'head' | 'tail', length: number): Promise<Buffer> {
  const file = await open(path).catch(() => {
    throw new ApiFailure(400011, 'The file is missing');
  });
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(length),
      0,
      length,
      which === 'head' ? 0 : Math.max(0, size - length),
    );
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
