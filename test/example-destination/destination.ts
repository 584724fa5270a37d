// The smallest destination: it keeps the lines it is given in a file and gives every state back once they are on disk.
import { appendFile } from 'node:fs/promises';
import { type Destination, echoedState, logMessage, type Message } from '@airbyte/cdk-typescript-shim';

interface Config {
  readonly file: string;
}

export const exampleDestination: Destination<Config> = {
  name: 'destination-example',
  version: '0.1.0',
  spec: {
    documentationUrl: 'https://ledgerpipe.dev/connectors/example',
    supported_destination_sync_modes: ['append'],
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', title: 'File', description: 'Where the lines go', order: 0 } },
    },
  },
  async check({ config }) {
    await appendFile(config.file, '');
    return { ok: true, message: `"${config.file}" can be written` };
  },
  async *write({ config }, arrivals): AsyncGenerator<Message> {
    const counts = new Map<string, number>();
    let rejected = 0;
    for await (const arrival of arrivals) {
      if (arrival.kind === 'records') {
        await appendFile(config.file, arrival.bytes);
        counts.set(arrival.stream, (counts.get(arrival.stream) ?? 0) + arrival.count);
      } else if (arrival.kind === 'state') {
        const stream = arrival.stream ?? '';
        yield echoedState(arrival.message.state, { recordCount: counts.get(stream) ?? 0 });
        counts.delete(stream);
      } else if (arrival.kind === 'reject') rejected += 1;
    }
    if (rejected > 0) yield logMessage('WARN', `${rejected} lines could not be used`);
  },
};
