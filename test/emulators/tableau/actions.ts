// The actions of a Hyper update: their keys read strictly, before any job exists (tableau.md 3.1).
import { type Condition, leavesOf, readCondition, refuseOtherOperators } from './condition.ts';
import { badRequest } from './errors.ts';
import type { Switches } from './switches.ts';
import type { Input } from './tree.ts';

export const actionNames = ['insert', 'replace', 'update', 'upsert', 'delete'] as const;
export type ActionName = (typeof actionNames)[number];

export interface TableName {
  /** Absent: the only schema of the file. */
  readonly schema: string | undefined;
  readonly table: string;
}

export interface Action {
  readonly action: ActionName;
  readonly target: TableName;
  readonly source: TableName | undefined;
  readonly condition: Condition | undefined;
}

/** The list in its order. Refuses (400000) unknown keys and actions, and what an action lacks or may not have. */
export function readActions(body: Input, switches: Switches): Action[] {
  const { actions, ...rest } = body;
  if (!Array.isArray(actions) || actions.length === 0)
    throw badRequest(400003, 'The request needs a list of actions');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badRequest(400000, `Unknown key "${unknown}" beside actions`);
  return actions.map((action) => readAction(action, switches));
}

const keys = new Set([
  'action',
  'target-table',
  'target-schema',
  'source-table',
  'source-schema',
  'source-file',
  'condition',
]);

function readAction(value: unknown, switches: Switches): Action {
  if (typeof value !== 'object' || value === null) throw badRequest(400000, 'An action must be an object');
  const input = value as Input;
  const unknown = Object.keys(input).find((key) => !keys.has(key));
  if (unknown !== undefined) throw badRequest(400000, `Unknown key "${unknown}" in an action`);
  const action = actionNames.find((name) => name === input.action);
  if (!action) throw badRequest(400000, `Unknown action ${JSON.stringify(input.action)}`);
  const target = tableOf(input, 'target');
  if (!target) throw badRequest(400000, `The action ${action} needs a target-table`);
  const source = tableOf(input, 'source');
  if (!source && action !== 'delete') throw badRequest(400000, `The action ${action} needs a source-table`);
  const condition = input.condition === undefined ? undefined : readCondition(input.condition);
  const conditional = action === 'update' || action === 'upsert' || action === 'delete';
  if (conditional !== (condition !== undefined))
    throw badRequest(400000, `The action ${action} ${conditional ? 'needs a' : 'takes no'} condition`);
  if (condition && !source && leavesOf(condition).some((leaf) => leaf.with.kind === 'column'))
    throw badRequest(400000, 'A delete without a source can compare to constants only');
  if (condition && source && action !== 'update') refuseOtherOperators(condition, switches);
  return { action, target, source, condition };
}

function tableOf(input: Input, which: 'target' | 'source'): TableName | undefined {
  const table = input[`${which}-table`];
  const schema = input[`${which}-schema`];
  if (table === undefined && schema === undefined) return undefined;
  if (typeof table !== 'string' || table === '' || (schema !== undefined && typeof schema !== 'string'))
    throw badRequest(400000, `${which}-table and ${which}-schema must be names`);
  return { schema, table };
}
