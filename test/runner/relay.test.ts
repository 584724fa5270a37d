// The relay: what the source writes reaches the destination byte for byte, but for what is the runner's own.
import { PassThrough, Readable } from 'node:stream';
import {
  controlMessage,
  encodeLine,
  logMessage,
  type Message,
  recordMessage,
  stateMessage,
} from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relay } from '../../runner/run/relay.ts';

const line = fc.oneof(
  fc
    .record({ stream: fc.constantFrom('a', 'b'), text: fc.string() })
    .map(({ stream, text }) => recordMessage(stream, { text }, 1)),
  fc.integer().map((cursor) => stateMessage('a', { cursor }, 1)),
  fc.string().map((text) => logMessage('INFO', text)),
  fc.constant(controlMessage({ secret: 'x' }, 1)),
);

test('records, states and garbage pass untouched, LOG and CONTROL stay, counts are right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 300 }), async (messages, size) => {
      const text = `garbage\n${messages.map(encodeLine).join('')}`;
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const to = new PassThrough();
      const passed: Buffer[] = [];
      to.on('data', (chunk: Buffer) => passed.push(chunk));
      const counts: Record<string, number> = {};
      const heard: Message[] = [];
      await relay(Readable.from(chunks), to, {
        records: (stream, count) => {
          counts[stream] = (counts[stream] ?? 0) + count;
        },
        message: (message) => void heard.push(message),
      });
      const own = (message: Message) => message.type === 'LOG' || message.type === 'CONTROL';
      expect(Buffer.concat(passed).toString()).toBe(
        `garbage\n${messages
          .filter((message) => !own(message))
          .map(encodeLine)
          .join('')}`,
      );
      for (const stream of ['a', 'b'])
        expect(counts[stream] ?? 0).toBe(
          messages.filter((message) => message.type === 'RECORD' && message.record.stream === stream).length,
        );
      expect(heard).toEqual(messages.filter(({ type }) => type !== 'RECORD'));
    }),
  );
});

test('ends when the destination goes away in the middle', async () => {
  const to = new PassThrough({ highWaterMark: 16 });
  setTimeout(() => to.destroy(), 50);
  async function* endless() {
    for (;;) yield Buffer.from(encodeLine(recordMessage('a', { text: 'x' }, 1)));
  }
  await relay(Readable.from(endless()), to, { records() {}, message() {} });
  expect(to.destroyed).toBe(true);
});
