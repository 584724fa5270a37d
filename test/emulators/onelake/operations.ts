// Items are created at once, or as long-running operations that a client asks about.
import { randomUUID } from 'node:crypto';
import type { Answer } from '../emulator.ts';
import type { Switches } from '../powerbi/switches.ts';
import type { Routes } from '../routes.ts';
import { fabricError, fabricJson } from './fabric-answers.ts';

/** Questions about an operation that are answered Running before it has succeeded. */
const patience = 1;

export class Operations {
  readonly #pending = new Map<string, { readonly item: unknown; asked: number }>();
  /** Address of the API, known once the server listens. */
  url = '';

  created(item: unknown, how: Switches['itemCreation']): Answer {
    if (how === 'at once') return fabricJson(201, item);
    const id = randomUUID();
    this.#pending.set(id, { item, asked: 0 });
    return {
      status: 202,
      headers: { location: `${this.url}/v1/operations/${id}`, 'x-ms-operation-id': id, 'retry-after': '1' },
    };
  }

  calls(): Routes {
    const find = (id = '') => {
      const found = this.#pending.get(id);
      if (!found) throw fabricError(404, 'OperationNotFound', 'The operation could not be found.');
      return found;
    };
    return {
      'GET /operations/*': (_, [id]) => {
        const operation = find(id);
        operation.asked += 1;
        const done = operation.asked > patience;
        const headers = done
          ? { location: `${this.url}/v1/operations/${id}/result` }
          : { 'retry-after': '1' };
        return fabricJson(
          200,
          { status: done ? 'Succeeded' : 'Running', percentComplete: done ? 100 : 50 },
          headers,
        );
      },
      'GET /operations/*/result': (_, [id]) => {
        const operation = find(id);
        if (operation.asked <= patience)
          throw fabricError(400, 'OperationHasNoResult', 'The operation has no result yet.');
        return fabricJson(200, operation.item);
      },
    };
  }
}
