// What a publish leaves behind: the stored .hyper file, and the data source that shows it.
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from './call.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { appendFile, checkStar, convertParquet, discard, readHyperFile, sizeOf } from './hyper-file.ts';
import { type DataSource, newId, type World } from './model.ts';
import type { Publish } from './publish.ts';
import { applySettings, contentUrlOf, sourceNamed } from './source-body.ts';
import { openLane } from './waiting.ts';

export type FileType = 'hyper' | 'parquet' | 'tds' | 'tdsx';

/** Checks the file, then makes or changes the data source. The uploaded file is gone afterwards, whatever happens. */
export async function storePublished(
  uploaded: string,
  publish: Publish,
  { call, world }: { call: Call; world: World },
): Promise<DataSource> {
  const prepared = join(world.directory, `source-${newId()}.hyper`);
  try {
    const existing = sourceNamed(call.site, publish.name, publish.project);
    checkStillSo(existing, publish);
    if (publish.fileType === 'tds' || publish.fileType === 'tdsx') await checkWorkbookFile(uploaded, publish);
    else await prepare(uploaded, prepared, { publish, world });
    if (existing) return await existing.lane(() => change(existing, prepared, { publish, call, world }));
    return await create(prepared, { publish, call, world });
  } finally {
    await discard(uploaded);
  }
}

/** Between accepting a publish and its job, another one may have taken the name, or the source may be gone. */
function checkStillSo(existing: DataSource | undefined, { name, mode }: Publish): void {
  if (existing && mode === 'create')
    throw new ApiFailure(403007, `A data source named "${name}" exists by now`);
  if (!existing && (mode === 'append' || mode === 'replace'))
    throw new ApiFailure(404004, `The data source "${name}" is gone by now`);
}

/** A readable .hyper file at `prepared`, with tables that can be published. */
async function prepare(
  uploaded: string,
  prepared: string,
  { publish, world }: { publish: Publish; world: World },
): Promise<void> {
  if (publish.fileType === 'parquet')
    await convertParquet(uploaded, prepared, { world, fileName: publish.fileName });
  else await rename(uploaded, prepared);
  try {
    checkStar(await readHyperFile(prepared, world), world);
  } catch (error) {
    await discard(prepared);
    throw error;
  }
}

interface Doing {
  readonly publish: Publish;
  readonly call: Call;
  readonly world: World;
}

async function create(prepared: string, { publish, call, world }: Doing): Promise<DataSource> {
  const { site, session } = call;
  const now = world.clock.now();
  const source: DataSource = {
    id: newId(),
    name: publish.name,
    contentUrl: contentUrlOf(site, publish.name),
    description: '',
    kind: kindOf(publish.fileType),
    project: publish.project,
    owner: session.user,
    createdAt: now,
    updatedAt: now,
    visibleAt: now + world.indexDelay,
    revisions: [],
    connectionId: newId(),
    file: undefined,
    bytes: 0,
    tags: new Set(),
    isCertified: false,
    certificationNote: '',
    useRemoteQueryAgent: false,
    calculatedFields: [],
    rules: publish.project.defaults.map((rule) => ({ ...rule, capabilities: new Map(rule.capabilities) })),
    bridge: false,
    lane: openLane(),
  };
  await keep(source, prepared, { publish, call, world });
  site.sources.set(source.id, source);
  return source;
}

/** The LUID, the permissions and the owner stay. */
async function change(source: DataSource, prepared: string, doing: Doing): Promise<DataSource> {
  const { publish, world } = doing;
  const { file: before } = source;
  if (publish.mode === 'append' && before !== undefined) {
    try {
      const tables = {
        target: await readHyperFile(before, world),
        source: await readHyperFile(prepared, world),
      };
      await appendFile(before, prepared, { world, tables });
    } finally {
      await discard(prepared);
    }
    await keep(source, before, doing);
    return source;
  }
  // A bare file carries no metadata: what people added on the server is lost.
  if (publish.mode === 'overwrite') source.calculatedFields = [];
  await keep(source, prepared, doing);
  if (before !== undefined) await discard(before);
  return source;
}

async function keep(source: DataSource, file: string, { publish, call, world }: Doing): Promise<void> {
  source.kind = kindOf(publish.fileType);
  source.file = source.kind === 'hyper' ? file : undefined;
  source.bytes = source.file === undefined ? 0 : await sizeOf(file);
  source.updatedAt = world.clock.now();
  source.revisions.push({
    number: source.revisions.length + 1,
    publishedAt: source.updatedAt,
    publisher: call.session.user,
    bytes: source.bytes,
  });
  applySettings(source, publish.input);
}

const kindOf = (type: FileType): DataSource['kind'] =>
  type === 'hyper' || type === 'parquet' ? 'hyper' : 'extract';

/** A .tds is XML, a .tdsx a zip: the emulator keeps neither, but refuses what is neither. */
async function checkWorkbookFile(path: string, { fileType }: Publish): Promise<void> {
  const head = (await readFile(path)).subarray(0, 256).toString('latin1');
  const fits = fileType === 'tdsx' ? head.startsWith('PK') : /^\s*<(\?xml|datasource)/.test(head);
  if (!fits) throw badRequest(400011, `The file is not a valid .${fileType} file`);
}
