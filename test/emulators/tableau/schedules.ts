// When extracts are refreshed: tasks with their own timing on Cloud, schedules that content joins on Server (tableau.md 4).
import { demand, isAdministrator } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest } from './errors.ts';
import { type Frequency, frequencyBody, readFrequency } from './frequency.ts';
import { listed } from './list.ts';
import { type DataSource, instant, newId, type Workbook, type World } from './model.ts';
import { isRefreshable, startRefresh } from './refresh.ts';
import { sourceOf } from './sources.ts';
import { childOf, type Input, type Tree, textOf } from './tree.ts';
import { workbookOf } from './workbooks.ts';

export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly type: 'Extract' | 'Subscription' | 'Flow';
  readonly frequency: Frequency;
  readonly createdAt: number;
}

export interface Task {
  readonly id: string;
  readonly content: DataSource | Workbook;
  type: 'FullRefresh' | 'IncrementalRefresh';
  /** Cloud: the task's own timing. */
  frequency: Frequency | undefined;
  /** Server: the schedule it belongs to. */
  readonly schedule: Schedule | undefined;
}

/** `/tasks/extractRefreshes`; creating and changing tasks is Cloud's alone. */
export function taskHandlers(world: World) {
  return {
    list: ({ site, session }: Call): Result => {
      const seen = [...site.tasks.values()].filter(
        ({ content }) => isAdministrator(session.user, site) || content.owner === session.user,
      );
      return { status: 200, tree: { tasks: { task: seen.map(taskBody) } } };
    },
    create: (call: Call): Result => {
      const { site, input } = call;
      const asked = childOf(input, 'extractRefresh');
      const content = contentOf(call, asked);
      const frequency = readFrequency(childOf(input, 'schedule'));
      const task: Task = { id: newId(), content, type: typeOf(asked), frequency, schedule: undefined };
      site.tasks.set(task.id, task);
      const { schedule, ...extractRefresh } = refreshBody(task);
      return { status: 200, tree: { extractRefresh, schedule } };
    },
    update: (call: Call): Result => {
      const task = taskOf(call);
      const asked = childOf(call.input, 'extractRefresh');
      task.type = asked ? typeOf(asked) : task.type;
      task.frequency = readFrequency(childOf(call.input, 'schedule'));
      const { schedule, ...extractRefresh } = refreshBody(task);
      return { status: 200, tree: { extractRefresh, schedule } };
    },
    runNow: (call: Call): Result => {
      const { site, session } = call;
      const { content } = taskOf(call);
      return { status: 200, tree: { job: startRefresh(world, { site, user: session.user, content }) } };
    },
    remove: (call: Call): Result => {
      call.site.tasks.delete(taskOf(call).id);
      return { status: 204 };
    },
  };
}

/** Server's schedules. */
export function scheduleHandlers(world: World) {
  const scheduleOf = (id: string | undefined): Schedule => {
    const schedule = world.schedules.get(id ?? '');
    if (!schedule) throw new ApiFailure(404010, `The schedule ID "${id ?? ''}" could not be found.`);
    return schedule;
  };
  const add = (call: Call): Result => {
    const { site, parts } = call;
    const schedule = scheduleOf(parts[0]);
    const content = contentOf(call, childOf(childOf(call.input, 'task'), 'extractRefresh'));
    if (schedule.type !== 'Extract')
      throw new ApiFailure(409004, `The schedule "${schedule.name}" is not for extracts`);
    const task: Task = { id: newId(), content, type: 'FullRefresh', frequency: undefined, schedule };
    site.tasks.set(task.id, task);
    return { status: 200, tree: { task: taskBody(task) } };
  };
  return {
    list: (call: Call): Result => {
      const rows = [...world.schedules.values()].map((schedule) => ({
        fields: { name: schedule.name, type: schedule.type },
        body: { ...scheduleBody(schedule), ...frequencyBody(schedule.frequency) },
      }));
      return listed(call, rows, ['schedules', 'schedule']);
    },
    add,
    extracts: (call: Call): Result => {
      const schedule = scheduleOf(call.parts[0]);
      const tasks = [...call.site.tasks.values()].filter((task) => task.schedule === schedule);
      const rows = tasks.map((task) => ({
        fields: { type: task.type },
        body: { id: task.id, priority: 50, type: task.type, ...named(task.content) },
      }));
      return listed(call, rows, ['extracts', 'extract']);
    },
  };
}

const named = (content: DataSource | Workbook): Tree =>
  'kind' in content ? { datasource: { id: content.id } } : { workbook: { id: content.id } };

const scheduleBody = ({ id, name, type, createdAt, frequency }: Schedule): Tree => ({
  id,
  name,
  state: 'Active',
  priority: 50,
  createdAt: instant(createdAt),
  updatedAt: instant(createdAt),
  type,
  frequency: frequency.frequency,
});

const taskBody = (task: Task): Tree => ({ extractRefresh: refreshBody(task) });

function refreshBody({ id, type, schedule, frequency, content }: Task): Tree & { schedule?: Tree } {
  const timing = schedule ? scheduleBody(schedule) : frequency && frequencyBody(frequency, true);
  return {
    id,
    priority: 50,
    consecutiveFailedCount: 0,
    type,
    ...(timing ? { schedule: timing } : {}),
    ...named(content),
  };
}

function typeOf(asked: Input | undefined): Task['type'] {
  const type = textOf(asked, 'type') ?? 'FullRefresh';
  if (type === 'FullRefresh' || type === 'IncrementalRefresh') return type;
  throw badRequest(400000, `An extract refresh has no type "${type}"`);
}

/** The data source or workbook a task is about. */
function contentOf({ site, session }: Call, asked: Input | undefined): DataSource | Workbook {
  const source = textOf(childOf(asked, 'datasource'), 'id');
  const workbook = textOf(childOf(asked, 'workbook'), 'id');
  if (source === undefined && workbook === undefined)
    throw badRequest(400003, 'The request names neither a data source nor a workbook');
  const content = source === undefined ? workbookOf(site, workbook) : sourceOf(site, source);
  demand(session.user, 'Write', { site, content });
  if (!isRefreshable(content))
    throw new ApiFailure(409090, `The extract operation for "${content.name}" is not allowed`);
  return content;
}

function taskOf({ site, session, parts: [id] }: Call): Task {
  const task = site.tasks.get(id ?? '');
  if (!task) throw new ApiFailure(404011, `The task ID "${id ?? ''}" could not be found.`);
  demand(session.user, 'Write', { site, content: task.content });
  return task;
}
