// Generators side by side: every value once, each source in order, and an orderly end.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleave } from '../../source-xero/interleave.ts';

async function* counting(name: string, values: number, log: string[] = []): AsyncGenerator<string, string> {
  try {
    for (let value = 1; value <= values; value += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      yield `${name}${value}`;
    }
    return name;
  } finally {
    log.push(name);
  }
}

test('every value comes once, in the order of its source, and every result at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(6), { maxLength: 7 }),
      fc.integer({ min: 1, max: 4 }),
      async (sizes, width) => {
        const names = 'abcdefg';
        const merged = interleave(
          sizes.map((size, index) => counting(names[index] ?? '', size)),
          width,
        );
        const values: string[] = [];
        let next = await merged.next();
        for (; !next.done; next = await merged.next()) values.push(next.value);
        expect([...next.value].sort()).toEqual([...names.slice(0, sizes.length)]);
        for (const [index, size] of sizes.entries())
          expect(values.filter((value) => value.startsWith(names[index] ?? ''))).toEqual(
            Array.from({ length: size }, (_, at) => `${names[index]}${at + 1}`),
          );
      },
    ),
  );
});

test('no more sources run at a time than are allowed', async () => {
  let running = 0;
  let most = 0;
  const source = async function* (): AsyncGenerator<number, void> {
    running += 1;
    most = Math.max(most, running);
    for (let value = 0; value < 3; value += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      yield value;
    }
    running -= 1;
  };
  for await (const _ of interleave([source(), source(), source(), source(), source()], 2));
  expect(most).toBe(2);
});

test('a source that throws ends the others', async () => {
  const log: string[] = [];
  const failing = async function* (): AsyncGenerator<string, string> {
    yield 'x1';
    throw new Error('no more');
  };
  const all = async () => {
    for await (const _ of interleave([counting('a', 100, log), failing(), counting('b', 100, log)], 3));
  };
  await expect(all()).rejects.toThrow('no more');
  await expect.poll(() => [...log].sort()).toEqual(['a', 'b']);
});

test('a caller who stops ends every source', async () => {
  const log: string[] = [];
  for await (const _ of interleave([counting('a', 100, log), counting('b', 100, log)], 2)) break;
  await expect.poll(() => [...log].sort()).toEqual(['a', 'b']);
});
