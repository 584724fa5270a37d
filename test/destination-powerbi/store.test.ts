// The file of a replica: one that is none is refused, and nothing in it is lost by closing.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../destination-powerbi/store/database.ts';

test('a file that is no replica is refused with the way out, one that is keeps its rows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-store-'));
  try {
    const options = { path: join(folder, "it's.duckdb"), folder, memory: 64 };
    const made = await openDatabase(options);
    await made.run('CREATE TABLE kept AS SELECT range AS n FROM range(100000)');
    made.close();
    const again = await openDatabase(options);
    expect(await again.number('SELECT sum(n) FROM kept')).toBe(4_999_950_000);
    again.close();
    const broken = join(folder, 'broken.duckdb');
    await writeFile(broken, 'x'.repeat(50_000));
    await expect(openDatabase({ ...options, path: broken })).rejects.toThrow(/its file cannot be read/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
