// Workbooks, as far as dependents of data sources need them: listing, connections, and the freshness of their cache.
import { demand, may } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { listed } from './list.ts';
import { instant, newId, type Site, type Workbook, type World } from './model.ts';
import { typeOf } from './source-body.ts';
import { childOf, type Tree, textOf } from './tree.ts';

const freshness = ['SiteDefault', 'AlwaysLive', 'FreshEvery', 'FreshAt'];

export function workbookHandlers({ clock }: World) {
  return {
    list: (call: Call): Result => {
      const { site, session } = call;
      const rows = [...site.workbooks.values()]
        .filter((workbook) => may(session.user, 'Read', { site, content: workbook }))
        .map((workbook) => ({
          fields: {
            name: workbook.name,
            projectName: workbook.project.name,
            ownerName: workbook.owner.name,
            createdAt: instant(workbook.createdAt),
            updatedAt: instant(workbook.updatedAt),
          },
          body: workbookBody(workbook),
        }));
      return listed(call, rows, ['workbooks', 'workbook']);
    },
    get: ({ site, session, parts: [id] }: Call): Result => {
      const workbook = workbookOf(site, id);
      demand(session.user, 'Read', { site, content: workbook });
      return { status: 200, tree: { workbook: workbookBody(workbook) } };
    },
    update: ({ site, session, input, parts: [id] }: Call): Result => {
      const workbook = workbookOf(site, id);
      demand(session.user, 'Write', { site, content: workbook });
      const asked = childOf(input, 'workbook');
      const option = textOf(childOf(asked, 'dataFreshnessPolicy'), 'option');
      if (option !== undefined && !freshness.includes(option))
        throw badRequest(400000, `Unknown data freshness policy "${option}"`);
      if (option !== undefined) workbook.freshness = { option };
      workbook.name = textOf(asked, 'name') || workbook.name;
      workbook.updatedAt = clock.now();
      return { status: 200, tree: { workbook: workbookBody(workbook) } };
    },
    connections: ({ site, session, parts: [id] }: Call): Result => {
      const workbook = workbookOf(site, id);
      demand(session.user, 'Read', { site, content: workbook });
      const connection = workbook.sources.map((source) => ({
        id: newId(),
        type: 'sqlproxy',
        dbClass: typeOf(source),
        serverAddress: 'localhost',
        userName: '',
        datasource: { id: source.id, name: source.name },
      }));
      return { status: 200, tree: { connections: { connection } } };
    },
  };
}

export function workbookOf(site: Site, id: string | undefined): Workbook {
  const workbook = site.workbooks.get(id ?? '');
  if (!workbook) throw new ApiFailure(404006, `The workbook ID "${id ?? ''}" could not be found.`);
  return workbook;
}

const workbookBody = (workbook: Workbook): Tree => ({
  id: workbook.id,
  name: workbook.name,
  contentUrl: workbook.contentUrl,
  showTabs: false,
  createdAt: instant(workbook.createdAt),
  updatedAt: instant(workbook.updatedAt),
  project: { id: workbook.project.id, name: workbook.project.name },
  owner: { id: workbook.owner.id },
  tags: { tag: [] },
  dataFreshnessPolicy: { option: workbook.freshness.option },
});
