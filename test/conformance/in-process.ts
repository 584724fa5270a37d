// Calls a connector in this process with a clock of the test's choosing: what `serve` does, without the process.
import {
  type Arrival,
  arrivals,
  bestModes,
  type Clock,
  type ConfiguredCatalog,
  type Context,
  type Destination,
  encodeLine,
  type Message,
  type ReadRequest,
  readStates,
  type Source,
  type States,
} from '@airbyte/cdk-typescript-shim';
import { validateConfig } from '@airbyte/cdk-typescript-shim/kit';

export interface Call {
  readonly config: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A context around a checked config; what the connector says goes to `said`. */
export async function contextOf<Config>(
  connector: Source<Config> | Destination<Config>,
  { config, clock, signal = new AbortController().signal }: Call,
  said: Message[],
): Promise<Context<Config>> {
  return {
    config: (await validateConfig(connector.spec, config)) as Config,
    clock,
    signal,
    async say(message) {
      said.push(message);
    },
  };
}

export interface ReadCall extends Call {
  readonly states?: States;
  readonly streams?: readonly string[];
  readonly catalog?: ConfiguredCatalog;
  readonly only?: ReadRequest['only'];
}

/** Every message of a read, in order, those said past the queue included. */
export async function readAll<Config>(source: Source<Config>, call: ReadCall): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const _ of reading(source, call, messages));
  return messages;
}

/** As readAll, message by message into `messages`, so that a test can act between them. */
export async function* reading<Config>(
  source: Source<Config>,
  call: ReadCall,
  messages: Message[],
): AsyncGenerator<Message> {
  const context = await contextOf(source, call, messages);
  const catalog = call.catalog ?? (await catalogOf(source, context, call.streams));
  const request = { catalog, states: call.states ?? new Map(), ...(call.only ? { only: call.only } : {}) };
  for await (const message of source.read(context, request)) {
    messages.push(message);
    yield message;
  }
}

async function catalogOf<Config>(
  source: Source<Config>,
  context: Context<Config>,
  streams: readonly string[] | undefined,
): Promise<ConfiguredCatalog> {
  const catalog = bestModes(await source.discover(context));
  return { streams: catalog.streams.filter(({ stream }) => !streams || streams.includes(stream.name)) };
}

export const recordsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.type === 'RECORD' ? [message.record] : []));

/** The states at the end of `messages`, as a caller would hand them back. */
export const statesOf = (messages: readonly Message[]): States =>
  readStates(
    messages
      .filter(({ type }) => type === 'STATE')
      .map(encodeLine)
      .join(''),
    'messages',
  );

export const errorsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) =>
    message.type === 'TRACE' && message.trace.error ? [message.trace.error] : [],
  );

export const statusesOf = (messages: readonly Message[], stream: string): readonly string[] =>
  messages.flatMap((message) => {
    const status = message.type === 'TRACE' ? message.trace.stream_status : undefined;
    return status?.stream_descriptor.name === stream ? [status.status] : [];
  });

/** Writes messages (or raw lines) and gives what the destination answered and said. */
export async function writeAll<Config>(
  destination: Destination<Config>,
  call: Call & { readonly catalog?: ConfiguredCatalog; readonly input: readonly (Message | string)[] },
): Promise<Message[]> {
  const messages: Message[] = [];
  const context = await contextOf(destination, call, messages);
  const input = call.input.map((line) => (typeof line === 'string' ? line : encodeLine(line)));
  for await (const message of destination.write(context, lines(input, call.catalog))) messages.push(message);
  return messages;
}

async function* lines(
  input: readonly string[],
  catalog: ConfiguredCatalog | undefined,
): AsyncGenerator<Arrival> {
  async function* chunks() {
    for (const line of input) yield Buffer.from(line);
  }
  yield* arrivals(chunks(), catalog ? { catalog } : {});
}
