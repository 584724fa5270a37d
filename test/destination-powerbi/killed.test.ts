// The program itself, killed while it sends: the same input again makes everything good.

import { setTimeout as delay } from 'node:timers/promises';
import { encodeLine } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { fileOf, start, temporaryFolder } from '../program.ts';
import { figures } from './figures.ts';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace } from './workspace.ts';

const main = '../destination-powerbi/main.ts';

test('SIGKILL after any batch, with the next one on its way: nothing is lost and nothing doubled', async () => {
  await using workspace = await openWorkspace({
    clock: { ...systemClock, advance: () => undefined },
    delivery: { min_interval_seconds: 0 },
  });
  const { emulator } = workspace;
  const folder = await temporaryFolder();
  const config = await fileOf(folder, 'config.json', workspace.config);
  const configured = await fileOf(folder, 'catalog.json', catalog());
  const ledger = new Ledger(21);
  const posts = () => emulator.requests.filter(({ url }) => url.pathname.endsWith('/rows')).length;
  const program = (input: string) =>
    start(main, ['write', '--config', config, '--catalog', configured], { input });
  for (const batches of [2, 4]) {
    const input = ledger.edit(25).map(encodeLine).join('');
    const before = posts();
    // The last batch is stored, and its answer takes so long that it never arrives.
    emulator.faults.add({ path: /rows$/, skip: batches, does: { kind: 'delay', milliseconds: 400 } });
    const { child, ended } = program(input);
    while (posts() <= before + batches && child.exitCode === null) await delay(10);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    await delay(500);
    emulator.faults.clear();
    const again = await program(input).ended;
    expect(again.code, again.stdout.slice(-2_000)).toBe(0);
    expect(await figures(emulator), `killed after ${batches} batches`).toEqual(ledger.totals());
  }
});
