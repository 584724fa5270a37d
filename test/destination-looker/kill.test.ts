// The program killed outright at any moment: readers find the old rows of a segment or the new ones, and a rerun finishes.
import { encodeLine, recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import { catalogOf } from '../conformance/destination.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { fileOf, start, temporaryFolder } from '../program.ts';
import { livingRows, warehouseOf } from './instance.ts';

const count = 3_000;

const linesOf = (version: string): string => {
  const at = `2026-01-0${version}T00:00:00Z`;
  const records = Array.from({ length: count }, (_, index) =>
    recordMessage('documents', { id: `d${index}`, at, total: 1, lines: [{ text: version, amount: 1 }] }, 1),
  );
  const end = [
    stateMessage('documents', { version }, count),
    streamStatusMessage('documents', 'COMPLETE', 1),
  ];
  return [...records, ...end].map(encodeLine).join('');
};

test('kill -9 at any moment leaves no mix of versions', { timeout: 180_000 }, async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.close());
  const folder = await temporaryFolder();
  const config = await fileOf(folder, 'config.json', { warehouse: warehouseOf(postgres), schema: 'finance' });
  const catalog = await fileOf(folder, 'catalog.json', catalogOf('append_dedup'));
  const write = async (version: string, killAfter?: number): Promise<number | null> => {
    const args = ['write', '--config', config, '--catalog', catalog];
    const { child, ended } = start('../destination-looker/main.ts', args, { input: linesOf(version) });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    const { code } = await ended;
    clearTimeout(timer);
    return code;
  };
  const versions = async (): Promise<string> => {
    const documents = await livingRows(postgres, 'documents');
    const lines = await livingRows(postgres, 'documents_lines');
    const found = [
      ...documents.map(({ at }) => new Date(String(at)).getUTCDate()),
      ...lines.map(({ text }) => Number(text)),
    ];
    return `${documents.length} ${lines.length} ${[...new Set(found)].join(' and ')}`;
  };
  const began = performance.now();
  expect(await write('1')).toBe(0);
  const whole = performance.now() - began;
  const outcomes: string[] = [];
  for (const share of [0.4, 0.6, 0.7, 0.8, 0.9]) {
    await write('2', whole * share);
    const found = await versions();
    expect([`${count} ${count} 1`, `${count} ${count} 2`]).toContain(found);
    outcomes.push(found);
    if (found.endsWith('2')) break;
  }
  expect(outcomes.length).toBeGreaterThan(0);
  expect(await write('3')).toBe(0);
  expect(await versions()).toBe(`${count} ${count} 3`);
});
