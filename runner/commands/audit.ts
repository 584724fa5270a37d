// `ledgerpipe audit`: did it arrive, when, and what is the proof; as a table, JSON, CSV or Parquet.
import { configError } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { printAudit } from '../run/audit/print.ts';
import { type SavedFormat, saveAudit, savedFormats } from '../run/audit/save.ts';
import { sinceOf } from '../run/audit/since.ts';
import type { AuditRow } from '../store/index.ts';
import { openVaultedStore } from '../vault/open.ts';
import { readStoreSettings } from '../vault/settings.ts';

interface Options {
  readonly file: string;
  readonly store?: string;
  readonly record?: string;
  readonly job?: number;
  readonly pipeline?: string;
  readonly stream?: string;
  readonly outcome?: AuditRow['outcome'];
  readonly since?: number;
  readonly limit?: number;
  readonly format: SavedFormat;
  readonly output?: string;
}

/** Rows of a table at a terminal, newest first; files have them all. */
const tableRows = 100;

export function register(program: Command): void {
  program
    .command('audit')
    .description('every record that was delivered: when, by which job, with what proof')
    .option('--file <file>', 'the settings', 'ledgerpipe.yaml')
    .option('--store <url>', 'the store, without settings: a path or postgres://...')
    .option('--record <key>', 'of one record, by its key or document number, such as INV-0042')
    .option('--job <number>', 'of one job', numberOf)
    .option('--pipeline <name>', 'of one pipeline')
    .option('--stream <name>', 'of one stream')
    .addOption(new Option('--outcome <outcome>').choices(['delivered', 'failed', 'rejected']))
    .option('--since <time>', 'no older than 2026-11-20, 2026-11-20T08:00Z, 90m, 12h or 7d', timeOf)
    .option('--limit <rows>', `so many rows, newest first (table: ${tableRows})`, numberOf)
    .addOption(new Option('--format <format>').choices([...savedFormats]).default('table'))
    .option('--output <file>', 'into a file instead of standard output; Parquet needs one')
    .action(async ({ file, store: url, format, output, ...filter }: Options) => {
      const place = await readStoreSettings({ file, store: url }, process.env);
      const store = await openVaultedStore(place, { environment: process.env, clock: systemClock });
      try {
        const limit = filter.limit ?? (format === 'table' ? tableRows : undefined);
        const rows = store.audit.find({ ...filter, ...(limit !== undefined && { limit }) });
        const count = await tell(rows, { format, output });
        if (count === 0) process.stderr.write('Nothing found: no such record has passed\n');
        if (count === limit && filter.limit === undefined)
          process.stderr.write(`The newest ${limit} rows: give --limit or --format for more\n`);
        process.exitCode = count === 0 ? 1 : 0;
      } finally {
        await store.close();
      }
    });
}

async function tell(
  rows: AsyncIterable<AuditRow>,
  { format, output }: { readonly format: SavedFormat; readonly output: string | undefined },
): Promise<number> {
  if (output !== undefined) return await saveAudit(rows, { format, output });
  if (format !== 'parquet') return await printAudit(rows, { format, to: process.stdout });
  throw configError('Cannot print Parquet: it is no text, give a file as --output');
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a whole number above 0');
}

function timeOf(text: string): number {
  const time = sinceOf(text, systemClock.now());
  if (time !== undefined) return time;
  throw new InvalidArgumentError('give a date, a time, or how long ago: 2026-11-20, 90m, 12h, 7d');
}
