// A Looker in front of a real PostgreSQL, and runs of the destination that publish into it.
import { join } from 'node:path';
import { arrivals, type Clock, type Message } from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import destination from '../../destination-looker/index.ts';
import type { LookerSettings } from '../../destination-looker/spec.ts';
import { contextOf } from '../conformance/in-process.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { type LookerEmulator, type LookerOptions, startLooker } from '../emulators/looker/index.ts';
import { type Postgres, startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { catalogs } from './model-setup.ts';
import { warehouseOf } from './model-world.ts';

export interface PublishWorld {
  readonly looker: LookerEmulator;
  readonly postgres: Postgres;
  readonly clock: FastClock;
  readonly folder: string;
  /** The settings "looker" of its runs. */
  readonly settings: LookerSettings;
  /** One run over these records; settings of the model and others on top. */
  run(change?: RunOptions): Promise<Run>;
}

export interface RunOptions {
  readonly model?: Readonly<Record<string, unknown>>;
  readonly looker?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Records by stream; by default two categories and a bill with one line. */
  readonly records?: Readonly<Record<string, readonly object[]>>;
  /** How far the machine's clock is ahead of Looker's, ms. */
  readonly ahead?: number;
}

export interface Run {
  readonly messages: readonly Message[];
  /** Log lines of a level. */
  readonly info: readonly string[];
  readonly warnings: readonly string[];
  /** The message of the error that ended the run. */
  readonly error: string | undefined;
}

const TenantID = '8c4f3a50-0000-4000-8000-000000000001';
export const region = {
  TenantID,
  TrackingCategoryID: 'aaaa0000-1111-4222-8333-444455556666',
  Name: 'Region',
};

const records = {
  organisations: [{ TenantID, OrganisationID: TenantID, Name: 'Kererū', BaseCurrency: 'NZD' }],
  tracking_categories: [region],
  contacts: [{ TenantID, ContactID: 'c1', Name: 'Acme' }],
  accounts: [{ TenantID, AccountID: 'a1', Code: '400', Name: 'Advertising' }],
  bills: [
    {
      TenantID,
      InvoiceID: 'b1',
      Type: 'ACCPAY',
      Status: 'AUTHORISED',
      Contact: { ContactID: 'c1', Name: 'Acme' },
      Date: '2026-01-10',
      DueDate: '2026-02-10',
      LineAmountTypes: 'Exclusive',
      SubTotal: 100,
      TotalTax: 15,
      Total: 115,
      AmountDue: 115,
      CurrencyCode: 'NZD',
      CurrencyRate: 1,
      LineItems: [
        {
          LineItemID: 'l1',
          Quantity: 1,
          UnitAmount: 100,
          LineAmount: 100,
          TaxAmount: 15,
          AccountID: 'a1',
          Tracking: [{ TrackingCategoryID: region.TrackingCategoryID, Name: 'Region', Option: 'North' }],
        },
      ],
    },
  ],
} as const;

const streams = [...Object.keys(records), 'items', 'invoices'];

export async function openPublishWorld(options: Partial<LookerOptions> = {}): Promise<PublishWorld> {
  const folder = await temporaryFolder();
  const postgres = await startPostgres();
  onTestFinished(() => postgres.close());
  const clock = fastClock({ start: Date.now(), rate: 20 });
  const looker = await startLooker({ clock, postgres, ...options });
  onTestFinished(() => looker.close());
  const base = {
    mode: 'warehouse',
    warehouse: warehouseOf(postgres),
    schema: 'ledger',
    working_folder: folder,
    reject_file: join(folder, 'rejects.jsonl'),
    looker: {
      base_url: looker.url,
      client_id: looker.credentials.clientId,
      client_secret: looker.credentials.clientSecret,
      connection: looker.connection,
    },
    model: { project: 'ledgerpipe', git_remote: looker.gitUrl('ledgerpipe'), deploy: 'webhook' },
  };
  const catalog = {
    streams: catalogs
      .xero()
      .streams.filter(({ name }) => streams.includes(name))
      .map((stream) => ({
        stream,
        sync_mode: 'incremental' as const,
        destination_sync_mode: 'append_dedup' as const,
      })),
  };
  return {
    looker,
    postgres,
    clock,
    folder,
    settings: { ...base.looker, edition: 'none' },
    async run({ model, looker: lookerChange, config, records: given = records, ahead = 0 } = {}) {
      const said: Message[] = [];
      const input = Object.entries(given).flatMap(([stream, rows]) =>
        rows.map((data) => recordLine(stream, data)),
      );
      const settings = {
        ...base,
        looker: { ...base.looker, ...lookerChange },
        model: { ...base.model, ...model },
        ...config,
      };
      let error: string | undefined;
      try {
        const context = await contextOf(
          destination,
          { config: settings, clock: clockAhead(clock, ahead) },
          said,
        );
        for await (const message of destination.write(context, arrivals(chunks(input), { catalog })))
          said.push(message);
      } catch (thrown) {
        error = thrown instanceof Error ? thrown.message : String(thrown);
      }
      return { messages: said, info: at(said, 'INFO'), warnings: at(said, 'WARN'), error };
    },
  };
}

const clockAhead = (clock: FastClock, ahead: number): Clock => ({ ...clock, now: () => clock.now() + ahead });

async function* chunks(lines: readonly string[]): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(line);
}

const recordLine = (stream: string, data: object): string =>
  `${JSON.stringify({ type: 'RECORD', record: { stream, data, emitted_at: 1_760_000_000_000 } })}\n`;

const at = (messages: readonly Message[], level: string): readonly string[] =>
  messages.flatMap((message) =>
    message.type === 'LOG' && message.log.level === level ? [message.log.message] : [],
  );
