// Publishing a data source: create, overwrite, replace, append; at once or as a job (tableau.md 2.2).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demand, mayPublishAtAll, mayWriteInto } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest, forbidden } from './errors.ts';
import { jobBody } from './job-bodies.ts';
import type { Outcome } from './jobs.ts';
import { type DataSource, newId, type Project, type World } from './model.ts';
import { type Part, readParts } from './multipart.ts';
import { defaultProject, projectOf } from './projects.ts';
import { readXml } from './read-body.ts';
import { sourceBody, sourceNamed } from './source-body.ts';
import { type FileType, storePublished } from './store.ts';
import { childOf, type Input, textOf } from './tree.ts';
import { chunkCap } from './uploads.ts';
import { type Lane, openLane } from './waiting.ts';

export type PublishMode = 'create' | 'overwrite' | 'replace' | 'append';

export interface Publish {
  readonly name: string;
  readonly mode: PublishMode;
  readonly fileType: FileType;
  readonly fileName: string;
  readonly project: Project;
  readonly input: Input;
}

/** XML parts as they arrived, for checking them against the official schema. */
export interface LoggedPayload {
  readonly path: string;
  readonly xml: string;
}

export function publishHandler(world: World, payloads: LoggedPayload[]) {
  // Two publishes of one name must not both create it.
  const lanes = new Map<string, Lane>();
  return async (call: Call): Promise<Result> => {
    const { site, session, request, query } = call;
    mayPublishAtAll(session.user, site);
    const parts = readParts(request.body, request.headers['content-type']);
    const payload = parts.find(({ name }) => name === 'request_payload')?.body;
    if (!payload) throw badRequest(400003, 'The request has no part request_payload');
    payloads.push({ path: request.url.pathname, xml: payload.toString('utf8') });
    const publish = readPublish(call, { input: readXml(payload), parts, world });
    checkTarget(call, publish, world);
    world.quotas.take(site, 'publish');
    const file = await receive(call, parts, world);
    const key = `${publish.project.id} ${publish.name.toLowerCase()}`;
    const lane = lanes.get(key) ?? openLane();
    lanes.set(key, lane);
    const work = () => storePublished(file, publish, { call, world });
    if (query.get('asJob') !== 'true') {
      const source = await lane(work);
      return { status: 201, tree: { datasource: sourceBody(source) } };
    }
    const job = world.jobs.submit({
      kind: 'publish',
      site,
      user: session.user,
      lane,
      work: () => work().then(published, failed),
    });
    const { switches } = world;
    const body = jobBody(job, world);
    const tree = { job: switches.freshPublishFinishCode ? { ...body, finishCode: 1 } : body };
    return { status: switches.publishJobStatus, tree };
  };
}

const published = (source: DataSource): Outcome => ({
  finishCode: 0,
  notes: `Published "${source.name}"`,
});

function failed(error: unknown): Outcome {
  if (error instanceof ApiFailure)
    return { finishCode: 1, notes: `errorCode=${error.code} ${error.message}`, errorCode: error.code };
  throw error;
}

function readPublish(
  { query, site }: Call,
  { input, parts, world }: { input: Input; parts: readonly Part[]; world: World },
): Publish {
  const source = childOf(input, 'datasource');
  const name = textOf(source, 'name')?.trim();
  if (!name) throw badRequest(400003, 'The data source needs a name');
  const [overwrite, append] = [query.get('overwrite') === 'true', query.get('append') === 'true'];
  const replace = query.get('replace') === 'true' && world.switches.replaceParameter === 'rows';
  if ([overwrite, append, replace].filter(Boolean).length > 1)
    throw badRequest(400003, 'Only one of overwrite, append and replace may be true');
  const mode = overwrite ? 'overwrite' : append ? 'append' : replace ? 'replace' : 'create';
  const fileName = parts.find((part) => part.name === 'tableau_datasource')?.fileName;
  const fromSession = query.get('uploadSessionId') !== null;
  const type = query.get('datasourceType') ?? (fromSession ? undefined : fileName?.split('.').at(-1));
  if (type === undefined) throw badRequest(400003, 'datasourceType is required with uploadSessionId');
  const projectId = textOf(childOf(source, 'project'), 'id');
  return {
    name,
    mode,
    fileType: fileTypeOf(type),
    fileName: fileName ?? 'data.hyper',
    project: projectId ? projectOf(site, projectId) : defaultProject(site),
    input: source ?? {},
  };
}

function fileTypeOf(type: string): FileType {
  const lower = type.toLowerCase();
  if (lower === 'hyper' || lower === 'parquet' || lower === 'tds' || lower === 'tdsx') return lower;
  throw badRequest(400011, `A file of type "${type}" cannot be published as a data source`);
}

/** What can be refused before the file is looked at. */
function checkTarget({ site, session }: Call, { name, mode, project, fileType }: Publish, world: World) {
  const existing = sourceNamed(site, name, project);
  if (existing && mode === 'create')
    throw new ApiFailure(403007, `A data source named "${name}" already exists in "${project.name}"`);
  if (existing) demand(session.user, 'Write', { site, content: existing });
  else if (!mayWriteInto(session.user, site, project))
    throw forbidden(`The user "${session.user.name}" may not publish to project "${project.name}"`);
  if (mode !== 'append' && mode !== 'replace') return;
  if (!existing) {
    const detail = `There is no data source "${name}" in "${project.name}" to add to`;
    throw new ApiFailure(world.switches.appendToMissingStatus === 404 ? 404004 : 400000, detail);
  }
  const parquetTaken = mode === 'replace' || world.switches.parquetAppend;
  if (existing.kind !== 'hyper' || fileType === 'tds' || fileType === 'tdsx')
    throw badRequest(400011, 'Source and target must both be extracts (.hyper)');
  if (fileType === 'parquet' && !parquetTaken) throw badRequest(400011, 'A Parquet file cannot be appended');
}

/** The published bytes as a file: from the session, or from the request itself. */
async function receive({ site, session, query, request }: Call, parts: readonly Part[], world: World) {
  const path = join(world.directory, `published-${newId()}`);
  const sessionId = query.get('uploadSessionId');
  if (sessionId !== null) {
    const upload = world.uploads.find(sessionId, site, session.user);
    await world.uploads.commit(upload, path);
    return path;
  }
  if (request.body.length > chunkCap)
    throw new ApiFailure(world.switches.tooLargeCode, 'A publish in one request may hold 64 MB');
  const file = parts.find(({ name }) => name === 'tableau_datasource');
  if (!file) throw badRequest(400003, 'The request has no part tableau_datasource');
  await writeFile(path, file.body);
  return path;
}
