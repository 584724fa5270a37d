// PATCH of a source's data: an update of its Hyper file, submitted once per RequestID (tableau.md 3).
import { join } from 'node:path';
import { demand } from './access.ts';
import { type Action, readActions } from './actions.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { execute, UpdateFailure } from './execute.ts';
import { convertParquet, discard, readHyperFile, sizeOf } from './hyper-file.ts';
import { jobBody } from './job-bodies.ts';
import type { Job, Outcome } from './jobs.ts';
import { type DataSource, newId, type World } from './model.ts';
import { readJson } from './read-body.ts';
import { sourceOf } from './sources.ts';
import { megabyte } from './uploads.ts';

/** A RequestID is remembered for so long. */
const requestLife = 24 * 3_600_000;

export function updateHandler(world: World) {
  /** By site and RequestID. */
  const seen = new Map<string, { readonly job: Job; readonly at: number }>();

  return async (call: Call): Promise<Result> => {
    const { site, session, request } = call;
    const source = sourceOf(site, call.parts[0]);
    checkConnection(source, call.parts[1]);
    demand(session.user, 'Write', { site, content: source });
    if (source.kind !== 'hyper')
      throw badRequest(400003, 'Only data sources that are live to a Hyper file can be updated');
    const requestId = request.headers.requestid;
    if (typeof requestId !== 'string' || requestId === '')
      throw badRequest(400003, 'The header RequestID is missing');
    const key = `${site.id} ${requestId}`;
    const before = seen.get(key);
    if (before && world.clock.now() - before.at < requestLife) return duplicate(before.job, requestId, world);
    const actions = readActions(readJson(request.body), world.switches);
    const payload = await receive(call, actions, world);
    if (world.switches.updatesCountAsPublishes) world.quotas.take(site, 'publish');
    const job = world.jobs.submit({
      kind: 'update',
      site,
      user: session.user,
      content: source,
      requestId,
      lane: source.lane,
      work: () => apply(source, actions, { payload, world }),
    });
    seen.set(key, { job, at: world.clock.now() });
    return accepted(job, world);
  };
}

const accepted = (job: Job, world: World): Result => {
  const { id, mode, type, createdAt, updateUploadedFileJob } = jobBody(job, world);
  return { status: 202, tree: { job: { id, mode, type, createdAt, updateUploadedFileJob } } };
};

function duplicate(job: Job, requestId: string, world: World): Result {
  if (world.switches.duplicateRequest === 'conflict')
    throw new ApiFailure(409000, `A request with RequestID "${requestId}" was received before`);
  return accepted(job, world);
}

function checkConnection(source: DataSource, connection: string | undefined): void {
  if (connection !== undefined && connection !== source.connectionId)
    throw new ApiFailure(404008, `The connection ID "${connection}" could not be found.`);
}

/** The payload as a file; undefined when no action needs one. */
async function receive(
  { query, site, session }: Call,
  actions: readonly Action[],
  { uploads, switches, directory }: World,
): Promise<string | undefined> {
  const id = query.get('uploadSessionId');
  if (id === null) {
    if (actions.some(({ source }) => source))
      throw badRequest(400003, 'uploadSessionId is required by actions with a source');
    return undefined;
  }
  const upload = uploads.find(id, site, session.user);
  const cap = switches.payloadCapMegabytes * megabyte;
  if (upload.bytes > cap)
    throw new ApiFailure(
      switches.tooLargeCode,
      `Payload Too Large: an update takes ${switches.payloadCapMegabytes} MB, this one has ${upload.bytes} bytes`,
    );
  const path = join(directory, `payload-${newId()}`);
  await uploads.commit(upload, path);
  return path;
}

async function apply(
  source: DataSource,
  actions: readonly Action[],
  { payload, world }: { payload: string | undefined; world: World },
): Promise<Outcome> {
  let opened = payload;
  try {
    const { file } = source;
    if (file === undefined) throw new UpdateFailure(400011, 'The data source holds no Hyper file');
    if (payload !== undefined) opened = await openable(payload, world);
    const rows = await world.hyperd.open(file, async (session) => {
      if (opened !== undefined) await session.attach(opened, 'src');
      const changed = await execute(session, actions, {
        payload: opened !== undefined,
        switches: world.switches,
      });
      if (opened !== undefined) await session.detach('src');
      return changed;
    });
    source.updatedAt = world.clock.now();
    source.bytes = await sizeOf(file);
    return { finishCode: 0, notes: `Updated ${rows} rows` };
  } catch (error) {
    if (!(error instanceof UpdateFailure || error instanceof ApiFailure)) throw error;
    return {
      finishCode: 1,
      notes: `errorCode=${error.code} ${error.message}`,
      errorCode: error.code,
    };
  } finally {
    for (const path of [payload, opened]) if (path !== undefined) await discard(path);
  }
}

/** The payload as a .hyper file; Parquet only where the server takes it. */
async function openable(payload: string, world: World): Promise<string> {
  try {
    await readHyperFile(payload, world);
    return payload;
  } catch (error) {
    if (!world.switches.parquetPayload) throw error;
    const converted = `${payload}.hyper`;
    await convertParquet(payload, converted, { world, fileName: 'payload.parquet' });
    return converted;
  }
}
