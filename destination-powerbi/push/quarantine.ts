// Rows that Power BI refuses: kept in a file with the reason, told, and passed over.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConnectorError, configError } from '@airbyte/cdk-typescript-shim';
import type { ModelTable } from '../model/layout.ts';
import { noteEvent } from './own-rows.ts';
import { noteRefused } from './refused.ts';
import type { Session } from './session.ts';

export async function quarantine(
  session: Session,
  { table, row, ord, refusal }: { table: ModelTable; row: string; ord: number; refusal: ConnectorError },
): Promise<void> {
  const { store, run, model } = session;
  const path = run.context.config.quarantine_file ?? join(store.folder, '..', 'quarantine.jsonl');
  const reason = refusal.detail ?? refusal.message;
  try {
    await appendFile(
      path,
      `${JSON.stringify({ table: table.name, reason, row: JSON.parse(row) as unknown })}\n`,
    );
  } catch (cause) {
    throw configError(`Cannot write the quarantine file "${path}": check "quarantine_file"`, { cause });
  }
  await noteRefused(session, table, { ord, reason });
  await store.update(table.name, { acked: ord, intent: null });
  await run.log('WARN', `Table "${table.name}": Power BI refused a row, it is kept in "${path}": ${reason}`);
  await noteEvent(store, model, {
    event: 'quarantined',
    job: run.job,
    at: run.context.clock.now(),
    table: table.name,
    rows: 0,
    detail: reason.slice(0, 1000),
  });
}
