// The endpoints of queries: kept under a slug, run by it, run inline, run from a URL, and run as tasks.
import { createHash, randomBytes } from 'node:crypto';
import type { Answer } from '../../emulator.ts';
import { invalid, missing, notFound, nothing, text } from '../answers.ts';
import { type Call, type Routes, route } from '../routes.ts';
import type { Session } from '../sessions.ts';
import { describeQuery, type QueryBody, queryOf } from './request.ts';
import type { Runner, RunOptions } from './run.ts';

export interface Queries {
  readonly routes: Routes;
  /** The query of an id, as plans and dashboards refer to it. */
  find(id: string): QueryBody | undefined;
  /** Keeps a query; the same query has one id. */
  keep(body: Readonly<Record<string, unknown>>): string;
}

const needs = { needs: ['access_data', 'explore'], denied: 403 } as const;
const needsSilently = { needs: ['access_data', 'explore'] } as const;

export function queries(runner: Runner): Queries {
  const kept = new Map<string, QueryBody>();
  const keep = (body: Readonly<Record<string, unknown>>): string => {
    const query = queryOf(body);
    const { id: _, slug: __, can: ___, client_id: ____, ...rest } = body;
    // 32 characters, the same for the same query (looker.md 3).
    const id = createHash('md5')
      .update(JSON.stringify(Object.entries(rest).sort()))
      .digest('hex');
    kept.set(id, query);
    return id;
  };
  const of = (id = ''): QueryBody => {
    const found = kept.get(id);
    if (!found) throw notFound();
    return found;
  };
  const routes: Routes = {
    'POST /queries': route(
      'db_query',
      ({ body, answer }) => {
        const id = keep(body);
        return answer(describeQuery(id, of(id)));
      },
      needsSilently,
    ),
    'GET /queries/slug/*': route('db_query', ({ parts: [id = ''], answer }) =>
      answer(describeQuery(id, of(id))),
    ),
    'GET /queries/models/*/views/*/run/*': route(
      'db_query',
      (call) => runner.run(fromUrl(call), optionsOf(call, call.parts[2])),
      needsSilently,
    ),
    'GET /queries/*': route('db_query', ({ parts: [id = ''], answer }) => answer(describeQuery(id, of(id)))),
    'GET /queries/*/run/*': route(
      'db_query',
      (call) => runner.run(of(call.parts[0]), optionsOf(call, call.parts[1])),
      needs,
    ),
    'POST /queries/run/*': route(
      'db_query',
      (call) => runner.run(queryOf(call.body), optionsOf(call, call.parts[0])),
      needs,
    ),
    ...taskRoutes(runner, of),
  };
  return { routes, keep, find: (id) => kept.get(id) };
}

function optionsOf({ query, caller }: Call, format = 'json'): RunOptions {
  const flag = (name: string): boolean | undefined =>
    query.has(name) ? query.get(name) === 'true' : undefined;
  const cache = flag('cache');
  const formatting = flag('apply_formatting');
  return {
    ...{ format, session: caller, limit: query.get('limit') },
    ...(cache === undefined ? {} : { cache }),
    ...(formatting === undefined ? {} : { formatting }),
    forceProduction: flag('force_production') ?? false,
  };
}

/** `?fields=a.b,a.c&f[a.b]=x&sorts=a.c+desc&limit=10` */
function fromUrl({ parts: [model = '', view = ''], query }: Call): QueryBody {
  const filters = [...query].flatMap(([key, value]) => {
    const field = /^f\[(.+)\]$/.exec(key)?.[1];
    return field === undefined ? [] : [[field, value]];
  });
  return queryOf({
    ...{ model, view, filters: Object.fromEntries(filters), limit: query.get('limit') },
    fields: (query.get('fields') ?? '').split(',').filter(Boolean),
    sorts: (query.get('sorts') ?? '').split(',').filter(Boolean),
  });
}

interface Task {
  readonly id: string;
  readonly queryId: string;
  readonly format: string;
  readonly owner: Session;
  status: 'added' | 'running' | 'complete' | 'error' | 'killed';
  result: Answer | undefined;
}

/** Tasks run at once in the background; results are kept as long as the emulator is. */
function taskRoutes(runner: Runner, find: (id?: string) => QueryBody): Routes {
  const tasks = new Map<string, Task>();
  const of = (id = ''): Task => {
    const task = tasks.get(id);
    if (!task) throw notFound();
    return task;
  };
  const start = async (task: Task, query: QueryBody): Promise<void> => {
    task.status = 'running';
    try {
      const result = await runner.run(query, { format: task.format, session: task.owner });
      if (task.status !== 'running') return;
      task.result = result;
      task.status = result.status === 200 ? 'complete' : 'error';
    } catch (error) {
      task.result = text(JSON.stringify({ message: (error as Error).message, documentation_url: '' }), {
        status: 400,
        type: 'application/json',
      });
      task.status = 'error';
    }
  };
  const describe = ({ id, queryId, status, format }: Task): Record<string, unknown> => ({
    can: {},
    ...{ id, query_id: queryId, status, result_format: format, cache: true, generate_links: false },
    ...{ force_production: false, server_table_calcs: false, cache_only: false, rebuild_pdts: false },
  });
  return {
    'POST /query_tasks': route(
      'db_query',
      ({ body, caller, answer }) => {
        const { query_id, result_format } = body;
        if (typeof query_id !== 'string') throw invalid(missing('query_id'));
        if (typeof result_format !== 'string') throw invalid(missing('result_format'));
        const query = find(query_id);
        const id = randomBytes(16).toString('hex');
        const task: Task = {
          id,
          queryId: query_id,
          format: result_format,
          owner: caller,
          status: 'added',
          result: undefined,
        };
        tasks.set(id, task);
        void start(task, query);
        return answer(describe(task));
      },
      needsSilently,
    ),
    'GET /query_tasks/multi_results': route('db_query', ({ query, answer }) => {
      const ids = (query.get('query_task_ids') ?? '').split(',').filter(Boolean);
      return answer(Object.fromEntries(ids.map((id) => [id, summaryOf(tasks.get(id))])));
    }),
    'GET /query_tasks/*': route('db_query', ({ parts: [id], answer }) => answer(describe(of(id)))),
    'GET /query_tasks/*/results': route('db_query', ({ parts: [id] }) => {
      const { result, status } = of(id);
      if (status === 'killed') throw notFound();
      return result ?? text('', { status: 202 });
    }),
    'DELETE /running_queries/*': route('db_query', ({ parts: [id] }) => {
      const task = of(id);
      if (task.result !== undefined) throw notFound();
      task.status = 'killed';
      return nothing();
    }),
  };
}

function summaryOf(task: Task | undefined): Record<string, unknown> {
  if (!task) return { status: 'missing' };
  if (!task.result) return { status: task.status };
  const body = String(task.result.body ?? '');
  const isJson = task.format.startsWith('json');
  return { status: task.status, data: isJson ? (JSON.parse(body) as unknown) : body };
}
