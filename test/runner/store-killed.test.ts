// A runner that is killed at any moment: what the store said it kept is there, and the store opens without repair.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keyText, newKey } from '../../runner/vault/key.ts';
import { start } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

test.each(kinds)('%s: what was kept before a kill -9 is there after it', async (kind) => {
  const [url, key] = [await emptyDatabase(kind), newKey()];
  for (const milliseconds of [20, 130]) {
    const { child, ended } = start('./runner/store-program.ts', [url, keyText(key)]);
    if (child.stdout) await once(child.stdout, 'data');
    await delay(milliseconds);
    child.kill('SIGKILL');
    const kept = Number((await ended).stdout.match(/(\d+)\n(?!.*\n)/)?.[1]);
    expect(kept).toBeGreaterThan(0);
    const store = await storeOf(kind, { url, key });
    expect(await store.secrets.get('token')).toBeGreaterThanOrEqual(kept);
    expect((await store.states.of('p'))[0]?.stream?.stream_state?.number).toBeGreaterThanOrEqual(kept);
    expect(await store.events.get(String(kept))).toMatchObject({ state: 'taken' });
    await store.close();
  }
});
