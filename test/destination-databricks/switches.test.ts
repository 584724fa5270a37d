// Behaviours of Databricks that no primary source confirms: whichever way each goes, the same rows arrive.
import { expect, test } from 'vitest';
import destination from '../../destination-databricks/index.ts';
import type { Switches } from '../emulators/databricks/index.ts';
import { childTable, type Row, table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

const flipped: Partial<Switches> = {
  filePutStatus: 200,
  putOverwritesByDefault: false,
  emptyVolumeHead404: false,
  sqlStateField: false,
  mergeResult: 'none',
  binaryText: 'base64',
  expiresIn: 'text',
  invalidClientStatus: 400,
  trailingSemicolon: false,
  severalStatements: 'refused',
  sqlScripts: false,
  doubledQuote: 'concatenate',
  byNameReplaceWhere: false,
  mergeDuplicates: 'on alone',
  rescuedDataWithSchema: true,
  partitionColumns: false,
  primaryKeyMakesNotNull: true,
  alreadyExistsStatus: 400,
  catalogTypeCase: 'upper',
  refusesAutoOptimize: false,
  zonedTextAsNtz: 'fail',
};

async function scenario(switches: Partial<Switches>) {
  await using workspace = await openWorkspace({ switches }, { rate: 200 });
  workspace.emulator.faults.add({ method: 'POST', path: /volumes$/, does: { kind: 'cut', when: 'after' } });
  const invoices = (rows: readonly Row[], lines: readonly Row[], total = 'decimal(18,4)') => {
    const parent = table('Invoices', { id: 'text', total, at: 'instant', local: 'datetime' }, rows);
    return [parent, childTable(parent, 'Lines', { columns: { n: 'integer' }, rows: lines })];
  };
  const row = (id: string, total: string) => ({
    id,
    total,
    at: '2026-09-01T10:00:00Z',
    local: '2026-09-01 10:00:00',
  });
  const line = (id: string, place: number) => ({ id, _position: place, n: place });
  await workspace.deliver(
    invoices([row('a', '1'), row("b'", '2')], [line('a', 0), line('a', 1), line("b'", 0)]),
  );
  workspace.emulator.failNext({ kind: 'merge', errorClass: 'DELTA_CONCURRENT_WRITE' });
  await workspace.deliver(
    invoices([row('a', '0.123456789'), { id: "b'", gone: true }], [line('a', 0)], 'decimal(18,9)'),
  );
  const append = table('Events', { id: 'text' }, [{ id: "it's \\" }], { mode: 'append' });
  await workspace.deliver([append, table('Rates', { id: 'text' }, [{ id: 'r' }], { mode: 'replace' })]);
  await workspace.deliver([append, table('Rates', { id: 'text' }, [{ id: 's' }], { mode: 'replace' })]);
  expect(await destination.check(workspace.context())).toMatchObject({ ok: true });
  return {
    invoices: await workspace.rows('invoices', 'id, total, "at", "local", _deleted_at'),
    lines: await workspace.rows('invoices_lines', 'id, _position, _deleted_at', '1, 2'),
    events: await workspace.rows('events', 'id'),
    rates: await workspace.rows('rates', 'id'),
    log: await workspace.rows('ledgerpipe_commits', 'table_name, staged_rows', '1, 2'),
    files: workspace.emulator.files(),
  };
}

test('the same rows arrive with every unverified behaviour as expected, and with each the other way', async () => {
  const expected = await scenario({});
  expect(expected.rates).toEqual([{ id: 's' }]);
  expect(await scenario(flipped)).toEqual(expected);
  expect(await scenario({ mergeResult: 'total', filePutStatus: 201 })).toEqual(expected);
});

test('a wrong secret is told whichever status refuses it', async () => {
  await using workspace = await openWorkspace({ switches: { invalidClientStatus: 400 } });
  const authentication = { auth_type: 'oauth_m2m', client_id: 'me', client_secret: 'no' } as const;
  const result = await destination.check(workspace.context({ authentication }));
  expect(result).toMatchObject({
    ok: false,
    message: expect.stringContaining('correct the client id and secret'),
  });
});
