// Querying, changing, tagging and deleting data sources (tableau.md 5).
import { demand, may, mayWriteInto } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest, forbidden } from './errors.ts';
import { discard } from './hyper-file.ts';
import { type Listed, listed } from './list.ts';
import { type DataSource, instant, type Site, type World } from './model.ts';
import { projectOf } from './projects.ts';
import { applySettings, sourceBody, sourceNamed, typeOf } from './source-body.ts';
import { childOf, childrenOf, textOf } from './tree.ts';

export function sourceHandlers(world: World) {
  const { clock } = world;
  return {
    list: (call: Call): Result => {
      const { site, session, query } = call;
      const byName = /(^|,)name:/.test(query.get('filter') ?? '');
      const seen = [...site.sources.values()].filter(
        (source) =>
          may(session.user, 'Read', { site, content: source }) &&
          // The search index lags behind a publish.
          (!byName || source.visibleAt <= clock.now()),
      );
      return listed(call, seen.map(rowOf), ['datasources', 'datasource']);
    },
    get: ({ site, session, parts: [id] }: Call): Result => {
      const source = sourceOf(site, id);
      demand(session.user, 'Read', { site, content: source });
      return { status: 200, tree: { datasource: sourceBody(source) } };
    },
    update: (call: Call): Result => {
      const source = sourceOf(call.site, call.parts[0]);
      demand(call.session.user, 'Write', { site: call.site, content: source });
      changeSource(source, call, world);
      source.updatedAt = clock.now();
      return { status: 200, tree: { datasource: sourceBody(source) } };
    },
    remove: async ({ site, session, parts: [id] }: Call): Promise<Result> => {
      const source = sourceOf(site, id);
      demand(session.user, 'Delete', { site, content: source });
      site.sources.delete(source.id);
      const { file } = source;
      if (file !== undefined) await source.lane(() => discard(file));
      return { status: 204 };
    },
    connections: ({ site, session, parts: [id] }: Call): Result => {
      const source = sourceOf(site, id);
      demand(session.user, 'Read', { site, content: source });
      const connection = {
        id: source.connectionId,
        type: typeOf(source),
        serverAddress: source.kind === 'hyper' ? 'localhost' : 'db.example.com',
        serverPort: source.kind === 'hyper' ? undefined : 5432,
        userName: '',
        embedPassword: false,
        queryTaggingEnabled: false,
      };
      return { status: 200, tree: { connections: { connection: [connection] } } };
    },
    revisions: (call: Call): Result => {
      const source = sourceOf(call.site, call.parts[0]);
      demand(call.session.user, 'Read', { site: call.site, content: source });
      const rows = source.revisions.map(
        ({ number, publishedAt, publisher, bytes }, index): Listed => ({
          fields: {},
          body: {
            revisionNumber: number,
            publishedAt: instant(publishedAt),
            deleted: false,
            current: index === source.revisions.length - 1,
            sizeInBytes: bytes,
            publisher: { id: publisher.id, name: publisher.name },
          },
        }),
      );
      return listed(call, rows, ['revisions', 'revision']);
    },
    addTags: ({ site, session, input, parts: [id] }: Call): Result => {
      const source = sourceOf(site, id);
      demand(session.user, 'Read', { site, content: source });
      const labels = childrenOf(childOf(input, 'tags'), 'tag').map((tag) => textOf(tag, 'label'));
      if (labels.length === 0 || labels.some((label) => !label))
        throw badRequest(400003, 'Every tag needs a label');
      for (const label of labels) if (label) source.tags.add(unquoted(label));
      return { status: 200, tree: { tags: { tag: [...source.tags].map((label) => ({ label })) } } };
    },
    removeTag: ({ site, session, parts: [id, label = ''] }: Call): Result => {
      const source = sourceOf(site, id);
      demand(session.user, 'Read', { site, content: source });
      source.tags.delete(unquoted(label));
      return { status: 204 };
    },
  };
}

/** The Python client puts quotes around labels with spaces. */
const unquoted = (label: string): string => label.replace(/^"(.*)"$/, '$1');

export function sourceOf(site: Site, id: string | undefined): DataSource {
  const source = site.sources.get(id ?? '');
  if (!source) throw new ApiFailure(404004, `The datasource ID "${id ?? ''}" could not be found.`);
  return source;
}

const rowOf = (source: DataSource): Listed => ({
  fields: {
    name: source.name,
    contentUrl: source.contentUrl,
    type: typeOf(source),
    projectName: source.project.name,
    ownerName: source.owner.name,
    isCertified: source.isCertified,
    hasExtracts: true,
    size: Math.ceil(source.bytes / 1_048_576),
    tags: [...source.tags],
    createdAt: instant(source.createdAt),
    updatedAt: instant(source.updatedAt),
  },
  body: sourceBody(source),
});

/** Renames, moves, gives to another owner, certifies. */
function changeSource(source: DataSource, { site, session, input }: Call, world: World): void {
  const asked = childOf(input, 'datasource');
  if (!asked) throw badRequest(400003, 'The request has no datasource');
  const projectId = textOf(childOf(asked, 'project'), 'id');
  const project = projectId ? projectOf(site, projectId) : source.project;
  if (project !== source.project && !mayWriteInto(session.user, site, project))
    throw forbidden(`The user may not move content to project "${project.name}"`);
  const name = textOf(asked, 'name') || source.name;
  const twin = sourceNamed(site, name, project);
  if (twin && twin !== source)
    throw new ApiFailure(409007, `A data source named "${name}" exists in "${project.name}"`);
  const ownerId = textOf(childOf(asked, 'owner'), 'id');
  const owner = ownerId ? world.users.find((user) => user.id === ownerId) : source.owner;
  if (!owner?.roles.has(site.id))
    throw new ApiFailure(404002, `The user ID "${ownerId}" could not be found.`);
  if (name !== source.name) source.visibleAt = world.clock.now() + world.indexDelay;
  Object.assign(source, { name, project, owner });
  applySettings(source, asked);
}
