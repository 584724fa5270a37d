// A connector's words are heard to the last, also when it has ended before anybody began to listen.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { messagesOf, startChild } from '../../runner/run/child.ts';

const lines = 400;

test('what a connector printed before it was listened to is heard, more than a pipe holds too', async () => {
  const text = 'x'.repeat(1000);
  const program = `for (let n = 0; n < ${lines}; n++) console.log(JSON.stringify({ type: 'LOG', log: { level: 'INFO', message: n + '${text}' } })); console.log('no JSON')`;
  const child = startChild('talker', [process.execPath, '-e', program], []);
  await delay(600);
  const heard: number[] = [];
  for await (const message of messagesOf(child))
    if (message.type === 'LOG') heard.push(Number.parseInt(message.log.message, 10));
  expect(heard).toEqual(Array.from({ length: lines }, (_, n) => n));
  expect(await child.ended).toEqual({ code: 0, stderr: '' });
});

test('a connector that ended at once has still said what it said', async () => {
  const program = `console.log(JSON.stringify({ type: 'CONTROL' })); process.exit(1)`;
  const child = startChild('hasty', [process.execPath, '-e', program], []);
  await once(child.process, 'exit');
  await delay(100);
  const heard: string[] = [];
  for await (const { type } of messagesOf(child)) heard.push(type);
  expect(heard).toEqual(['CONTROL']);
  expect((await child.ended).code).toBe(1);
});
