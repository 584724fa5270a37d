// What a killed run left behind is stopped, and nothing that has its number by now.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Child, startChild } from '../../runner/run/child.ts';
import { forgetChildren, noteChildren, stopOrphans } from '../../runner/run/orphans.ts';
import { temporaryFolder } from '../program.ts';

function sleeper(): Child {
  const child = startChild('sleeper', [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'], []);
  onTestFinished(() => void child.process.kill('SIGKILL'));
  return child;
}

test('connectors of the last run are stopped', async () => {
  const folder = await temporaryFolder();
  const child = sleeper();
  await noteChildren(folder, [child]);
  await stopOrphans(folder);
  expect((await child.ended).code).toBe(143);
  await expect(readFile(join(folder, 'children.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a process that has the number of one of them is left alone', async () => {
  const folder = await temporaryFolder();
  const child = sleeper();
  await writeFile(join(folder, 'children.json'), JSON.stringify([{ group: child.process.pid, began: '1' }]));
  await stopOrphans(folder);
  expect(child.process.exitCode ?? child.process.signalCode).toBe(null);
});

test('a run that ended in order, or was killed while it noted them, leaves none', async () => {
  const folder = await temporaryFolder();
  const child = sleeper();
  await noteChildren(folder, [child]);
  await forgetChildren(folder);
  await stopOrphans(folder);
  await writeFile(join(folder, 'children.json'), '[{"gro');
  await stopOrphans(folder);
  expect(child.process.exitCode ?? child.process.signalCode).toBe(null);
});
