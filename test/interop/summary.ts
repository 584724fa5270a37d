// Prints at the end what every judge said, in its own words.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { type Verdict, verdicts } from './verdict.ts';

export async function setup(): Promise<void> {
  await mkdir(new URL('.', verdicts), { recursive: true });
  await rm(verdicts, { force: true });
}

export async function teardown(): Promise<void> {
  const lines = await readFile(verdicts, 'utf8').catch(() => '');
  const said = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdict)
    .sort((a, b) => (a.judge < b.judge ? -1 : 1));
  const width = Math.max(0, ...said.map(({ judge }) => judge.length));
  const table = said.map(({ judge, words }) => `  ${judge.padEnd(width)}  ${words}`);
  process.stdout.write(`\nWhat the judges said:\n${table.join('\n') || '  nothing'}\n`);
}
