// The suite every destination passes: run it with an emulator of the destination's product behind it.
import {
  type Clock,
  type ConfiguredCatalog,
  type Destination,
  type Message,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectValid } from '../contract/protocol.ts';
import type { FaultAction, FaultScript } from '../emulators/faults.ts';
import { contextOf, writeAll } from './in-process.ts';
import { testSpec } from './spec.ts';

/** A product ready to be written to. */
export interface DestinationBench {
  readonly config: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly faults: FaultScript;
  /** The living rows of a table (deleted ones left out), without the columns that staging adds; [] when it is not there. */
  rows(table: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface DestinationSuite<Config> {
  readonly destination: Destination<Config>;
  open(): Promise<DestinationBench>;
  readonly refused: readonly {
    readonly name: string;
    readonly change: (config: DestinationBench['config']) => DestinationBench['config'];
    readonly words: RegExp;
  }[];
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

const faults: readonly [name: string, action: FaultAction][] = [
  ['a 429 with Retry-After', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }],
  ['a 500', { kind: 'answer', status: 500, body: 'oops' }],
  ['a 503', { kind: 'answer', status: 503, body: 'maintenance' }],
  ['an answer lost after the work was done', { kind: 'cut', when: 'after' }],
  ['a connection cut at once', { kind: 'cut', when: 'before' }],
];

const schema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    at: { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    total: { type: ['null', 'number'], 'x-role': 'amount' },
    contact: { type: ['null', 'object'], properties: { name: { type: ['null', 'string'] } } },
    lines: {
      type: ['null', 'array'],
      items: { type: 'object', properties: { text: { type: 'string' }, amount: { type: 'number' } } },
    },
    free: { type: ['null', 'object'] },
  },
};

type Mode = 'append' | 'overwrite' | 'append_dedup';

export const catalogOf = (
  mode: Mode,
  name = 'documents',
  json_schema: object = schema,
): ConfiguredCatalog => ({
  streams: [
    {
      stream: {
        name,
        json_schema: json_schema as Record<string, unknown>,
        supported_sync_modes: ['full_refresh', 'incremental'],
        source_defined_primary_key: [['id']],
        default_cursor_field: ['at'],
      },
      sync_mode: mode === 'overwrite' ? 'full_refresh' : 'incremental',
      destination_sync_mode: mode,
      primary_key: [['id']],
      cursor_field: ['at'],
    },
  ],
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const row = (id: string, minute: number, fields: Record<string, unknown> = {}): Message =>
  recordMessage('documents', { id, at: at(minute), total: 1.5, ...fields }, Date.UTC(2026, 0, 2));
const state = (cursor: number): Message => stateMessage('documents', { cursor }, 1);
const complete = streamStatusMessage('documents', 'COMPLETE', 1);

/** Texts that break quoting, folding, encoding or counting somewhere. */
export const hostileTexts = [
  '',
  ' ',
  "O'Brien & Söhne",
  '"quoted" \\ back',
  'tab\tnewline\nreturn\r\n',
  '`tick` ; DROP TABLE x; --',
  "{{ 7 }}'; DROP TABLE x; --",
  '表意文字 😀 👩‍👩‍👧 e\u0301',
  '‮right to left‬',
  'null',
  '\\N',
  '=cmd|calc!A1',
  'x'.repeat(70_000),
] as const;

export function describeDestination<Config>({
  destination,
  open,
  refused,
  skip = [],
}: DestinationSuite<Config>): void {
  const suiteTest = (name: string, run: (bench: DestinationBench) => Promise<void>) => {
    const skipped = skip.find((entry) => entry.test === name);
    if (skipped) return test.skip(`${name} (${skipped.reason})`);
    return test(name, async () => {
      const bench = await open();
      onTestFinished(() => bench.close());
      await run(bench);
    });
  };
  const write = async (
    bench: DestinationBench,
    input: readonly (Message | string)[],
    mode: Mode = 'append_dedup',
  ) => {
    const messages = await writeAll(destination, { ...bench, input, catalog: catalogOf(mode) });
    expectValid(messages);
    return messages;
  };
  const ids = async (bench: DestinationBench) =>
    (await bench.rows('documents')).map(({ id }) => String(id)).sort();

  describe(`${destination.name} conforms`, () => {
    testSpec(destination.spec);

    suiteTest('check says what it verified', async (bench) => {
      expect(await destination.check(await contextOf(destination, bench, []))).toMatchObject({ ok: true });
    });

    for (const { name, change, words } of refused)
      suiteTest(`check refuses ${name} and says what to do`, async (bench) => {
        const context = await contextOf(destination, { ...bench, config: change(bench.config) }, []);
        const result = await destination.check(context).catch((error: unknown) => {
          expect(error).toMatchObject({ kind: 'config' });
          return { ok: false, message: (error as Error).message };
        });
        expect(result.ok).toBe(false);
        expect(result.message).toMatch(words);
      });

    suiteTest('every state comes back once, in order, with its unknown keys and a count', async (bench) => {
      const tagged = (cursor: number, id: number): Message => {
        const message = state(cursor);
        return message.type === 'STATE'
          ? ({ ...message, state: { ...message.state, id } } as Message)
          : message;
      };
      const messages = await write(bench, [
        row('a', 1),
        tagged(1, 11),
        row('b', 2),
        row('c', 2),
        tagged(2, 12),
        complete,
      ]);
      const states = messages.flatMap((message) => (message.type === 'STATE' ? [message.state] : []));
      expect(states).toMatchObject([
        { id: 11, stream: { stream_state: { cursor: 1 } }, destinationStats: { recordCount: 1 } },
        { id: 12, stream: { stream_state: { cursor: 2 } }, destinationStats: { recordCount: 2 } },
      ]);
    });

    suiteTest('a state without records comes back too', async (bench) => {
      const messages = await write(bench, [state(1), complete]);
      expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
    });

    suiteTest('append_dedup keeps the newest of each key, in one run and over runs', async (bench) => {
      await write(bench, [
        row('a', 5, { total: 5 }),
        row('a', 3, { total: 3 }),
        row('b', 1),
        state(1),
        complete,
      ]);
      await write(bench, [row('b', 2, { total: 22.25 }), row('c', 1), state(2), complete]);
      expect((await bench.rows('documents')).map(({ id, total }) => [id, Number(total)]).sort()).toEqual([
        ['a', 5],
        ['b', 22.25],
        ['c', 1.5],
      ]);
    });

    suiteTest('the same input again changes nothing', async (bench) => {
      const input = [row('a', 1, { lines: [{ text: 'x', amount: 1 }] }), row('b', 2), state(1), complete];
      await write(bench, input);
      const before = [await bench.rows('documents'), await bench.rows('documents_lines')];
      await write(bench, input);
      expect([await bench.rows('documents'), await bench.rows('documents_lines')]).toEqual(before);
    });

    suiteTest('the rows of an array follow their parent: fewer, more, none', async (bench) => {
      const lines = (...texts: string[]) => ({ lines: texts.map((text) => ({ text, amount: 0.1 })) });
      const texts = async () => (await bench.rows('documents_lines')).map(({ text }) => text).sort();
      await write(bench, [row('a', 1, lines('1', '2', '3')), row('b', 1, lines('b')), complete]);
      expect(await texts()).toEqual(['1', '2', '3', 'b']);
      await write(bench, [row('a', 2, lines('1', 'two')), complete]);
      expect(await texts()).toEqual(['1', 'b', 'two']);
      await write(bench, [row('a', 3, lines('1', 'two', '3', '4')), complete]);
      expect(await texts()).toEqual(['1', '3', '4', 'b', 'two']);
      await write(bench, [row('a', 4, lines()), complete]);
      expect(await texts()).toEqual(['b']);
    });

    suiteTest('a tombstone removes the record and its lines, and the record can come back', async (bench) => {
      const dead = recordMessage('documents', { id: 'a', _ab_cdc_deleted_at: at(9) }, Date.UTC(2026, 0, 3));
      const lines = { lines: [{ text: 'x', amount: 1 }] };
      await write(bench, [row('a', 1, lines), row('b', 1, lines), complete]);
      await write(bench, [dead, complete]);
      expect([await ids(bench), (await bench.rows('documents_lines')).length]).toEqual([['b'], 1]);
      await write(bench, [row('a', 10, lines), complete]);
      expect([await ids(bench), (await bench.rows('documents_lines')).length]).toEqual([['a', 'b'], 2]);
    });

    suiteTest('append keeps every version', async (bench) => {
      await write(bench, [row('a', 1), row('a', 2), state(1), complete], 'append');
      await write(bench, [row('a', 3), state(2), complete], 'append');
      expect(await ids(bench)).toEqual(['a', 'a', 'a']);
    });

    suiteTest('overwrite replaces the rows after COMPLETE, also by none', async (bench) => {
      await write(bench, [row('a', 1), row('b', 1), complete], 'overwrite');
      await write(bench, [row('c', 1), complete], 'overwrite');
      expect(await ids(bench)).toEqual(['c']);
      await write(bench, [complete], 'overwrite');
      expect(await ids(bench)).toEqual([]);
    });

    suiteTest(
      'overwrite keeps the old rows, and its states to itself, when the stream is not completed',
      async (bench) => {
        await write(bench, [row('a', 1), complete], 'overwrite');
        const cut = await write(bench, [row('b', 1), state(1)], 'overwrite');
        const incomplete = await write(
          bench,
          [row('b', 1), state(1), streamStatusMessage('documents', 'INCOMPLETE', 1)],
          'overwrite',
        );
        expect(await ids(bench)).toEqual(['a']);
        expect([...cut, ...incomplete].filter(({ type }) => type === 'STATE')).toEqual([]);
      },
    );

    suiteTest('hostile texts arrive as they are', async (bench) => {
      const texts = Object.fromEntries(hostileTexts.map((text, index) => [`k${index}`, text]));
      const input = Object.entries(texts).map(([id, name]) => row(id, 1, { contact: { name } }));
      await write(bench, [...input, state(1), complete]);
      const rows = await bench.rows('documents');
      expect(Object.fromEntries(rows.map((found) => [found.id, found.contact_name]))).toEqual(texts);
    });

    suiteTest('money arrives to the last digit', async (bench) => {
      const amounts = [
        '0.1',
        '123456789012345.67',
        '-0.01',
        '99999999999.9999',
        '1e-4',
        '0',
        '12345678901234567890.12',
      ];
      const lines = amounts.map(
        (amount, index) =>
          `{"type":"RECORD","record":{"stream":"documents","data":{"id":"m${index}","at":"${at(1)}","total":${amount}},"emitted_at":1767225600000}}\n`,
      );
      await write(bench, [...lines, complete]);
      const rows = await bench.rows('documents');
      const plain = (text: unknown) =>
        String(text)
          .replace(/(\.\d*?)0+$/, '$1')
          .replace(/\.$/, '');
      expect(Object.fromEntries(rows.map(({ id, total }) => [id, plain(total)]))).toEqual(
        Object.fromEntries(
          amounts.map((amount, index) => [`m${index}`, amount === '1e-4' ? '0.0001' : amount]),
        ),
      );
    });

    suiteTest('garbage is counted and kept apart, and a value of the wrong type is noted', async (bench) => {
      const messages = await write(bench, [
        row('a', 1),
        'garbage\n',
        recordMessage('nobody', { id: 'x' }, 1),
        row('b', 1, { total: 'not a number' }),
        '{"type":"RECORD","record":{"stream":"documents","data":{"id":"c","at":\n',
        row('d', 1),
        state(1),
        complete,
      ]);
      expect(await ids(bench)).toEqual(['a', 'b', 'd']);
      const odd = (await bench.rows('documents')).find(({ id }) => id === 'b');
      expect(odd?.total).toBeNull();
      const warning = messages.find((message) => message.type === 'LOG' && message.log.level === 'WARN');
      expect(warning).toMatchObject({ log: { message: expect.stringMatching(/3 (lines|records)/) } });
    });

    suiteTest('a schema that grew gives new columns and keeps the old rows', async (bench) => {
      await write(bench, [row('a', 1), complete]);
      const grown = { ...schema, properties: { ...schema.properties, Added: { type: ['null', 'string'] } } };
      await writeAll(destination, {
        ...bench,
        catalog: catalogOf('append_dedup', 'documents', grown),
        input: [row('b', 2, { Added: 'new' }), complete],
      });
      const rows = await bench.rows('documents');
      const folded = rows.map((found) =>
        Object.fromEntries(Object.entries(found).map(([k, v]) => [k.toLowerCase(), v])),
      );
      expect(Object.fromEntries(folded.map(({ id, added }) => [id, added]))).toEqual({ a: null, b: 'new' });
    });

    for (const [name, does] of faults)
      suiteTest(`${name}, at any request, loses and doubles nothing`, async (bench) => {
        for (let skipped = 0; skipped < 12; skipped++) {
          bench.faults.clear();
          bench.faults.add({ skip: skipped, does });
          const lines = { lines: [{ text: `${skipped}`, amount: 2.5 }] };
          const messages = await write(bench, [
            row('a', skipped, lines),
            row(`n${skipped}`, 1, lines),
            state(skipped),
            complete,
          ]);
          expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
          expect(await ids(bench)).toHaveLength(skipped + 2);
          expect(await bench.rows('documents_lines')).toHaveLength(skipped + 2);
        }
      });
  });
}
