// The SQL Statement Execution API: submit, wait, poll, page through chunks, cancel, close.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { json, notFound } from './answers.ts';
import type { Grants } from './grants.ts';
import { chunkBody, chunked, limited, statementBody } from './sea-answer.ts';
import { type Limits, readRequest } from './sea-request.ts';
import { close, type RunningStatement, type Statements } from './statements.ts';
import type { Switches } from './switches.ts';
import { waitFor } from './waiting.ts';

export interface StatementApi {
  submit(request: EmulatorRequest): Promise<Answer>;
  get(id: string): Answer;
  chunk(id: string, index: number): Answer;
  cancel(id: string): Answer;
  close(id: string): Answer;
}

interface Surroundings {
  readonly statements: Statements;
  readonly clock: Clock;
  readonly grants: Grants;
  readonly switches: Switches;
  readonly warehouseId: string;
  readonly catalog: string;
}

export function statementApi(surroundings: Surroundings): StatementApi {
  const limits = new Map<string, Limits>();
  const known = (id: string): RunningStatement => {
    const statement = surroundings.statements.find(id);
    if (!statement) throw notFound('NOT_FOUND', `The statement ${id} was not found.`);
    return statement;
  };
  const show = (statement: RunningStatement): Answer =>
    json(200, statementBody(statement, limits.get(statement.id) ?? {}, surroundings.switches));
  return {
    submit: async (request) => {
      const asked = readRequest(request.body, surroundings);
      const statement = surroundings.statements.submit(asked.submission);
      limits.set(statement.id, asked.limits);
      await waitFor(surroundings.clock, statement.settled, surroundings.clock.now() + asked.waitMilliseconds);
      if (asked.cancels && statement.endedAt === undefined) {
        statement.abort.abort();
        await statement.settled;
      }
      return show(statement);
    },
    get: (id) => show(known(id)),
    chunk: (id, index) => {
      const statement = known(id);
      const chunks = chunked(limited(statement.outcome, limits.get(id) ?? {}).rows);
      if (!statement.outcome || index >= Math.max(chunks.length, 1))
        throw notFound('NOT_FOUND', `The statement ${id} has no chunk ${index}.`);
      return json(200, chunkBody(id, chunks, { index, switches: surroundings.switches }));
    },
    cancel: (id) => {
      known(id).abort.abort();
      return json(200, {});
    },
    close: (id) => {
      const statement = known(id);
      statement.abort.abort();
      close(statement);
      return json(200, {});
    },
  };
}
