// The suite every source passes: run it with an emulator of the source's product behind it.
import type { Clock, Message, Source, States, Stream } from '@airbyte/cdk-typescript-shim';
import ajvModule from 'ajv';
import formatsModule from 'ajv-formats';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectValid } from '../contract/protocol.ts';
import type { FaultAction, FaultScript } from '../emulators/faults.ts';
import { contextOf, errorsOf, readAll, reading, recordsOf, statesOf, statusesOf } from './in-process.ts';
import { testSpec } from './spec.ts';

/** A product ready to be read, with some records in every stream. */
export interface SourceBench {
  readonly config: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly faults: FaultScript;
  /** Matches the requests that fetch records. */
  readonly dataPath: RegExp;
  /** Lets the access token expire before the next request. */
  expireToken(): void;
  close(): Promise<void>;
}

export interface SourceSuite<Config> {
  readonly source: Source<Config>;
  open(): Promise<SourceBench>;
  /** Configurations that `check` must refuse, each with words of the remedy. */
  readonly refused: readonly {
    readonly name: string;
    readonly change: (config: SourceBench['config']) => SourceBench['config'];
    readonly words: RegExp;
  }[];
  /** Tests a source cannot pass, each with the reason. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

const faults: readonly [name: string, action: FaultAction][] = [
  ['a 429 with Retry-After', { kind: 'answer', status: 429, headers: { 'retry-after': '2' } }],
  ['a 500', { kind: 'answer', status: 500, body: 'oops' }],
  ['a 503 in plain text', { kind: 'answer', status: 503, body: 'maintenance' }],
  ['a connection cut before the answer', { kind: 'cut', when: 'after' }],
  ['a connection cut at once', { kind: 'cut', when: 'before' }],
  ['an answer cut short', { kind: 'truncate' }],
];

export function describeSource<Config>({ source, open, refused, skip = [] }: SourceSuite<Config>): void {
  const suiteTest = (name: string, run: (bench: SourceBench, union: Union) => Promise<void>) => {
    const skipped = skip.find((entry) => entry.test === name);
    if (skipped) return test.skip(`${name} (${skipped.reason})`);
    return test(name, async () => {
      const bench = await open();
      onTestFinished(() => bench.close());
      const { streams } = await source.discover(await contextOf(source, bench, []));
      await run(bench, unionBy(streams));
    });
  };

  describe(`${source.name} conforms`, () => {
    testSpec(source.spec);

    suiteTest('check says what it verified', async (bench) => {
      const result = await source.check(await contextOf(source, bench, []));
      expect(result).toMatchObject({ ok: true });
    });

    for (const { name, change, words } of refused)
      suiteTest(`check refuses ${name} and says what to do`, async (bench) => {
        const context = await contextOf(source, { ...bench, config: change(bench.config) }, []);
        const result = await source.check(context).catch((error: unknown) => {
          expect(error).toMatchObject({ kind: 'config' });
          return { ok: false, message: (error as Error).message };
        });
        expect(result.ok).toBe(false);
        expect(result.message).toMatch(words);
      });

    suiteTest(
      'every stream is read to COMPLETE, in the order of statuses, with a state at its end',
      async (bench) => {
        const messages = await readAll(source, bench);
        expectValid(messages);
        expect(errorsOf(messages)).toEqual([]);
        for (const stream of streamsOf(messages, await catalogNames(source, bench))) {
          const statuses = statusesOf(messages, stream).filter(
            (status, index, all) => status !== all[index - 1],
          );
          expect([stream, statuses]).toEqual([
            stream,
            statuses.length === 2 ? ['STARTED', 'COMPLETE'] : ['STARTED', 'RUNNING', 'COMPLETE'],
          ]);
          expect(lastIndex(messages, isStateOf(stream))).toBeLessThan(
            lastIndex(messages, isCompleteOf(stream)),
          );
          expect(lastIndex(messages, isStateOf(stream))).toBeGreaterThan(
            lastIndex(messages, isRecordOf(stream)),
          );
        }
      },
    );

    suiteTest('every record satisfies its schema and has its own, whole key', async (bench) => {
      const { streams } = await source.discover(await contextOf(source, bench, []));
      const records = recordsOf(await readAll(source, bench));
      for (const { name, json_schema, source_defined_primary_key = [] } of streams) {
        const validate = validator(json_schema);
        const keys = new Set<string>();
        const own = records.filter(({ stream }) => stream === name);
        for (const { data } of own) {
          if (!validate(data))
            expect.fail(`${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(data)}`);
          const key = source_defined_primary_key.map(([field = '']) => data[field]);
          expect(key).not.toContain(undefined);
          expect(key).not.toContain(null);
          keys.add(JSON.stringify(key));
        }
        if (source_defined_primary_key.length > 0) expect([name, keys.size]).toEqual([name, own.length]);
      }
    });

    suiteTest('a stream of another catalog is refused by name while the others are read', async (bench) => {
      const { streams } = await source.discover(await contextOf(source, bench, []));
      const [known] = streams;
      if (!known) throw new Error(`Cannot find a stream of ${source.name}`);
      const stream: Stream = {
        name: 'payslips',
        json_schema: {},
        supported_sync_modes: ['full_refresh'],
      };
      const configured = [stream, known].map((one) => ({
        stream: one,
        sync_mode: 'full_refresh' as const,
        destination_sync_mode: 'append' as const,
      }));
      const messages = await readAll(source, { ...bench, catalog: { streams: configured } });
      expect(errorsOf(messages).map(({ message }) => message)).toEqual([
        expect.stringMatching(/"payslips".*take it out of the catalog/),
      ]);
      expect(statusesOf(messages, 'payslips')).toEqual(['INCOMPLETE']);
      expect(statusesOf(messages, known.name).at(-1)).toBe('COMPLETE');
    });

    suiteTest('states count the records since the one before', async (bench) => {
      const messages = await readAll(source, bench);
      const counted = new Map<string, number>();
      for (const message of messages)
        if (message.type === 'STATE') {
          const name = message.state.stream?.stream_descriptor.name ?? '';
          counted.set(name, (counted.get(name) ?? 0) + (message.state.sourceStats?.recordCount ?? 0));
        }
      for (const [stream, count] of counted)
        expect([stream, count]).toEqual([
          stream,
          recordsOf(messages).filter((record) => record.stream === stream).length,
        ]);
    });

    suiteTest('a second read with nothing changed has no records', async (bench) => {
      const states = statesOf(await readAll(source, bench));
      const again = await readAll(source, { ...bench, states });
      expect(recordsOf(again).map(({ stream, data }) => [stream, data])).toEqual([]);
      expect(errorsOf(again)).toEqual([]);
    });

    suiteTest('going on from any state gives the same records in the end', async (bench, union) => {
      const messages = await readAll(source, bench);
      const whole = union(messages);
      const places = messages.flatMap(({ type }, index) => (type === 'STATE' ? [index + 1] : []));
      for (const place of sample(places, 12)) {
        const before = messages.slice(0, place);
        const after = await readAll(source, { ...bench, states: statesOf(before) });
        expect(union([...before, ...after])).toEqual(whole);
      }
    });

    for (const [name, does] of faults)
      suiteTest(`${name} at any place is survived`, async (bench, union) => {
        const whole = union(await readAll(source, bench));
        for (const skipped of [0, 2, 5]) {
          bench.faults.clear();
          bench.faults.add({ path: bench.dataPath, skip: skipped, does });
          const messages = await readAll(source, bench);
          expect(errorsOf(messages)).toEqual([]);
          expect(union(messages)).toEqual(whole);
        }
      });

    suiteTest('an access token that expires in the middle is renewed unseen', async (bench, union) => {
      const whole = union(await readAll(source, bench));
      const messages: Message[] = [];
      let count = 0;
      for await (const message of reading(source, bench, messages))
        if (message.type === 'STATE' && ++count % 3 === 0) bench.expireToken();
      expect(errorsOf(messages)).toEqual([]);
      expect(union(messages)).toEqual(whole);
    });

    suiteTest(
      'a read that is asked to stop ends soon and its states are good to go on from',
      async (bench, union) => {
        const whole = union(await readAll(source, bench));
        const controller = new AbortController();
        const messages: Message[] = [];
        const stopping = async () => {
          for await (const _ of reading(source, { ...bench, signal: controller.signal }, messages))
            if (messages.filter(({ type }) => type === 'STATE').length === 4)
              controller.abort(new Error('stop'));
        };
        await stopping().catch(() => undefined);
        const states: States = statesOf(messages);
        expect(states.size).toBeGreaterThan(0);
        const after = await readAll(source, { ...bench, states });
        expect(union([...messages, ...after])).toEqual(whole);
      },
    );
  });
}

type Union = (messages: readonly Message[]) => Record<string, unknown>;

/** Gives the newest record of each key, whatever the order of arrival and the moment of reading. */
function unionBy(streams: readonly Stream[]): Union {
  const keys = new Map(streams.map(({ name, source_defined_primary_key: key = [] }) => [name, key.flat()]));
  return (messages) => {
    const newest = new Map<string, unknown>();
    for (const { stream, data } of recordsOf(messages)) {
      const key = (keys.get(stream) ?? []).map((field) => data[field]);
      newest.set(`${stream} ${JSON.stringify(key)}`, data);
    }
    return Object.fromEntries([...newest].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}

const sample = <T>(values: readonly T[], most: number): readonly T[] =>
  values.filter((_, index) => index % Math.ceil(values.length / most) === 0);

async function catalogNames<Config>(source: Source<Config>, bench: SourceBench): Promise<readonly string[]> {
  const { streams } = await source.discover(await contextOf(source, bench, []));
  return streams.map(({ name }) => name);
}

const streamsOf = (messages: readonly Message[], names: readonly string[]): readonly string[] => {
  expect(messages.length).toBeGreaterThan(names.length);
  return names;
};

const lastIndex = (messages: readonly Message[], test_: (message: Message) => boolean): number =>
  messages.findLastIndex(test_);

const isRecordOf = (stream: string) => (message: Message) =>
  message.type === 'RECORD' && message.record.stream === stream;

const isStateOf = (stream: string) => (message: Message) =>
  message.type === 'STATE' && message.state.stream?.stream_descriptor.name === stream;

const isCompleteOf = (stream: string) => (message: Message) =>
  message.type === 'TRACE' &&
  message.trace.stream_status?.stream_descriptor.name === stream &&
  message.trace.stream_status.status === 'COMPLETE';

function validator(schema: object) {
  const ajv = new ajvModule.default({ strict: false });
  formatsModule.default(ajv);
  return ajv.compile(schema);
}
