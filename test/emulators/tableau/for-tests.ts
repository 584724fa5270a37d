// What tests and the demo ask of a server behind its API: sources, their rows, content that people made by hand.
import { literal, quoted, type Row, readTables } from '../hyperd/index.ts';
import {
  type DataSource,
  newId,
  type Project,
  type Site,
  siteOf,
  type Workbook,
  type World,
} from './model.ts';
import { contentUrlOf } from './source-body.ts';
import { openLane } from './waiting.ts';

/** Which source is meant, by LUID or name; of several with one name, by project path (`Finance/GL`) and site. */
export interface SourceRef {
  readonly name: string;
  readonly project?: string;
  readonly site?: string;
}

/** A source as tests look at it. */
export interface SourceView {
  readonly id: string;
  readonly name: string;
  /** contentUrl of the site. */
  readonly site: string;
  /** Path of the project, e.g. `Finance/GL`. */
  readonly project: string;
  readonly owner: string;
  readonly revisions: number;
  readonly updatedAt: number;
  readonly tags: readonly string[];
  readonly calculatedFields: readonly string[];
  readonly description: string;
  /** The stored .hyper file. Another hyperd can open it only while nothing here does. */
  readonly file: string | undefined;
}

export const viewSources = (world: World): SourceView[] =>
  [...world.sites.values()].flatMap((site) =>
    [...site.sources.values()].map((source) => ({
      id: source.id,
      name: source.name,
      site: site.contentUrl,
      project: projectPath(site, source.project),
      owner: source.owner.name,
      revisions: source.revisions.length,
      updatedAt: source.updatedAt,
      tags: [...source.tags],
      calculatedFields: [...source.calculatedFields],
      description: source.description,
      file: source.file,
    })),
  );

export function findSource(world: World, wanted: string | SourceRef): DataSource {
  const { name, project, site }: SourceRef = typeof wanted === 'string' ? { name: wanted } : wanted;
  const found = [...world.sites.values()]
    .filter((one) => site === undefined || one.contentUrl === site)
    .flatMap((one) =>
      [...one.sources.values()].map((source) => ({ source, path: projectPath(one, source.project) })),
    )
    .filter(({ source, path }) => (source.name === name || source.id === name) && (project ?? path) === path);
  const [first, second] = found;
  if (!first || second)
    throw new Error(
      `Cannot find the data source "${name}": ${first ? 'several have' : 'none has'} that name`,
    );
  return first.source;
}

/** `Finance/GL` */
function projectPath(site: Site, project: Project): string {
  const parent = project.parentId === undefined ? undefined : site.projects.get(project.parentId);
  return parent ? `${projectPath(site, parent)}/${project.name}` : project.name;
}

/** Tables of the stored file, as `schema.table`. */
export async function tablesOf(world: World, source: DataSource) {
  return onFile(source, (file) => world.hyperd.open(file, (session) => readTables(session)));
}

/**
 * Rows of the stored file. `table` may leave its schema out; `sql` may select anything, with `{table}` for the table.
 * Decimals, dates and instants are text; integers are numbers where they are safe.
 */
export async function rowsOf(
  world: World,
  source: DataSource,
  { table, sql }: { table?: string | undefined; sql?: string | undefined } = {},
): Promise<Row[]> {
  return onFile(source, (file) =>
    world.hyperd.open(file, async (session) => {
      const tables = await readTables(session);
      const found = tables.filter(
        ({ schema, name }) => table === undefined || name === table || `${schema}.${name}` === table,
      );
      const [one, more] = found;
      if (!one || more) {
        const names = tables.map(({ schema, name }) => `${schema}.${name}`).join(', ');
        throw new Error(`Cannot tell which table ${literal(table ?? '')} is meant: the file holds ${names}`);
      }
      const full = `"db".${quoted(one.schema)}.${quoted(one.name)}`;
      const { rows } = await session.query((sql ?? 'SELECT * FROM {table}').replaceAll('{table}', full));
      return rows;
    }),
  );
}

function onFile<T>(source: DataSource, work: (file: string) => Promise<T>): Promise<T> {
  return source.lane(() => {
    if (source.file === undefined)
      throw new Error(`Cannot read "${source.name}": it has no Hyper file of its own`);
    return work(source.file);
  });
}

export interface ContentOptions {
  readonly name: string;
  readonly site?: string;
  /** Name of the project; the default one unless said otherwise. */
  readonly project?: string;
  /** Name of the owner; the first user unless said otherwise. */
  readonly owner?: string;
}

/** A data source with a database upstream and an extract, as people publish from Desktop. */
export function addExtract(
  world: World,
  options: ContentOptions & { readonly bridge?: boolean },
): DataSource {
  const { site, project, owner } = placeOf(world, options);
  const now = world.clock.now();
  const source: DataSource = {
    id: newId(),
    name: options.name,
    contentUrl: contentUrlOf(site, options.name),
    description: '',
    kind: 'extract',
    project,
    owner,
    createdAt: now,
    updatedAt: now,
    visibleAt: now,
    revisions: [{ number: 1, publishedAt: now, publisher: owner, bytes: 0 }],
    connectionId: newId(),
    file: undefined,
    bytes: 0,
    tags: new Set(),
    isCertified: false,
    certificationNote: '',
    useRemoteQueryAgent: options.bridge ?? false,
    calculatedFields: [],
    rules: project.defaults,
    bridge: options.bridge ?? false,
    lane: openLane(),
  };
  site.sources.set(source.id, source);
  return source;
}

/** A workbook over data sources; with extracts of its own when `hasExtracts`. */
export function addWorkbook(
  world: World,
  options: ContentOptions & { readonly hasExtracts?: boolean; readonly sources?: readonly DataSource[] },
): Workbook {
  const { site, project, owner } = placeOf(world, options);
  const now = world.clock.now();
  const workbook: Workbook = {
    id: newId(),
    name: options.name,
    contentUrl: options.name.replace(/[^\p{L}\p{N}]/gu, ''),
    project,
    owner,
    createdAt: now,
    updatedAt: now,
    hasExtracts: options.hasExtracts ?? true,
    sources: options.sources ?? [],
    freshness: { option: 'SiteDefault' },
  };
  site.workbooks.set(workbook.id, workbook);
  return workbook;
}

function placeOf(world: World, { site: contentUrl, project: name = 'Default', owner: who }: ContentOptions) {
  const [first] = world.sites.values();
  const site = contentUrl === undefined ? first : siteOf(world, contentUrl);
  const project = [...(site?.projects.values() ?? [])].find((one) => one.name === name);
  const owner = who === undefined ? world.users[0] : world.users.find((user) => user.name === who);
  if (!site || !project || !owner)
    throw new Error(`Cannot add content: no site "${contentUrl}", project "${name}" or user "${who}"`);
  return { site, project, owner };
}
