// The comparison that judges the images can fail: it sees a changed cent, a missing row, and a missing table.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { startDatabricks } from '../emulators/databricks/index.ts';
import { compareSchemas } from '../images/tables.ts';

async function openTwoSchemas() {
  const databricks = await startDatabricks({ clock: systemClock });
  onTestFinished(() => databricks.close());
  for (const schema of ['one', 'other']) {
    const path = `"${databricks.catalog}"."${schema}"`;
    await databricks.query(`CREATE SCHEMA ${path}`);
    await databricks.query(
      `CREATE TABLE ${path}.invoices AS SELECT * FROM (VALUES ('a', 10.00, 'job of ${schema}', NULL::TIMESTAMP),
       ('b', 20.00, 'job of ${schema}', NULL)) AS rows (InvoiceID, Total, _job_id, _deleted_at)`,
    );
  }
  const other = `"${databricks.catalog}"."other".invoices`;
  return { databricks, other, compared: () => compareSchemas(databricks, ['one', 'other']) };
}

test('tables with the same records are equal, whatever job wrote them', async () => {
  const { compared } = await openTwoSchemas();
  expect(await compared()).toEqual({ tables: 1, rows: 2, differences: [] });
});

test.each([
  ['a changed cent', (table: string) => `UPDATE ${table} SET Total = 20.01 WHERE InvoiceID = 'b'`],
  ['a missing row', (table: string) => `DELETE FROM ${table} WHERE InvoiceID = 'b'`],
  ['a doubled row', (table: string) => `INSERT INTO ${table} SELECT * FROM ${table} WHERE InvoiceID = 'b'`],
  ['a row marked as deleted', (table: string) => `UPDATE ${table} SET _deleted_at = now() WHERE Total = 20`],
  ['a missing column', (table: string) => `ALTER TABLE ${table} DROP COLUMN Total`],
  ['a missing table', (table: string) => `DROP TABLE ${table}`],
])('%s is a difference', async (_, change) => {
  const { databricks, other, compared } = await openTwoSchemas();
  await databricks.query(change(other));
  expect((await compared()).differences).toEqual([expect.stringMatching(/^invoices: /)]);
});
