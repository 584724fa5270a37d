// The smallest source that passes the conformance suite: numbered rows held in its own configuration.
import {
  type Message,
  recordMessage,
  type Source,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';

interface Config {
  readonly rows: number;
  readonly api_key: string;
  readonly state_every: number;
  readonly pause_milliseconds: number;
}

const stream = {
  name: 'numbers',
  json_schema: {
    type: 'object',
    properties: { id: { type: 'integer' }, name: { type: ['null', 'string'] } },
  },
  supported_sync_modes: ['full_refresh', 'incremental'] as ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  default_cursor_field: ['id'],
  source_defined_primary_key: [['id']],
  is_resumable: true,
};

export const exampleSource: Source<Config> = {
  name: 'source-example',
  version: '0.1.0',
  spec: {
    documentationUrl: 'https://ledgerpipe.dev/connectors/example',
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['rows', 'api_key'],
      properties: {
        rows: {
          type: 'integer',
          minimum: 0,
          title: 'Rows',
          description: 'How many rows there are',
          order: 0,
        },
        api_key: { type: 'string', title: 'API key', airbyte_secret: true, order: 1 },
        state_every: { type: 'integer', default: 100, title: 'Rows per state', order: 2 },
        pause_milliseconds: { type: 'integer', default: 0, title: 'Pause after each state', order: 3 },
      },
    },
  },
  check: async ({ config }) =>
    config.api_key === 'wrong'
      ? { ok: false, message: 'The API key was refused: copy it again' }
      : { ok: true, message: 'The API key works' },
  discover: async () => ({ streams: [stream] }),
  async *read({ config, clock, signal }, { states }): AsyncGenerator<Message> {
    yield streamStatusMessage('numbers', 'STARTED', clock.now());
    let last = Number(states.get('numbers')?.id ?? 0);
    for (let first = true; first || last < config.rows; first = false) {
      const end = Math.min(config.rows, last + config.state_every);
      if (first && end > last) yield streamStatusMessage('numbers', 'RUNNING', clock.now());
      for (let id = last + 1; id <= end; id++)
        yield recordMessage('numbers', { id, name: `row ${id}` }, clock.now());
      yield stateMessage('numbers', { id: end }, end - last);
      last = end;
      if (config.pause_milliseconds > 0) await clock.sleep(config.pause_milliseconds, signal);
    }
    yield streamStatusMessage('numbers', 'COMPLETE', clock.now());
  },
};
