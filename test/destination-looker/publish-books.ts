// Generated books through a source, into a real PostgreSQL, under the generated model: what explores can be asked.
import { type Catalog, type ConfiguredCatalog, encodeLine, type Message } from '@airbyte/cdk-typescript-shim';
import { catalogOf as quickbooksCatalog, source as quickbooksSource } from '../../source-quickbooks/index.ts';
import { catalogOf as xeroCatalog, source as xeroSource } from '../../source-xero/index.ts';
import { type Books, generateBooks } from '../books/index.ts';
import { readAll } from '../conformance/in-process.ts';
import type { FastClock } from '../emulators/clock.ts';
import { fastClock } from '../emulators/clock.ts';
import { startQuickbooks } from '../emulators/quickbooks/index.ts';
import { startXero, UNLIMITED } from '../emulators/xero/index.ts';
import { configFor as quickbooksConfig } from '../source-quickbooks/outcome.ts';
import { configFor as xeroConfig } from '../source-xero/bench.ts';
import type { SourceName } from './model-setup.ts';

const DAY = 86_400_000;

export interface Read {
  readonly books: Books;
  readonly clock: FastClock;
  readonly catalog: ConfiguredCatalog;
  /** Lines of the source, as a destination takes them. */
  readonly lines: readonly string[];
  /** Numbers of documents that the source wraps lines of (a bundle has neither account nor class). */
  readonly bundled: ReadonlySet<string>;
}

/** Books whose documents reach up to today, so that every bucket of an ageing has some. */
export const recentBooks = (documents: number): Books => {
  const day = (ago: number): string => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);
  return generateBooks({ seed: 11, documents, from: day(240), to: day(1) });
};

/** The records of some streams of a source over these books. */
export async function readBooks(
  from: SourceName,
  books: Books,
  { folder, streams }: { readonly folder: string; readonly streams: readonly string[] },
): Promise<Read> {
  const clock = fastClock({ start: Date.now(), rate: 50 });
  return from === 'xero'
    ? await readXero(books, { clock, folder, streams })
    : await readQuickbooks(books, { clock, streams });
}

async function readXero(
  books: Books,
  { clock, folder, streams }: { clock: FastClock; folder: string; streams: readonly string[] },
): Promise<Read> {
  const xero = await startXero({
    companies: [books],
    clock,
    limits: UNLIMITED,
    switches: { journals: true },
  });
  try {
    const { refresh_token } = await xero.issueTokens();
    const config = {
      ...xeroConfig(xero, refresh_token ?? ''),
      journals: true,
      token_store: `${folder}/tokens`,
    };
    const catalog = configured(xeroCatalog({ journals: true }), streams);
    const messages = await readAll(xeroSource, { config, clock, catalog });
    return { books, clock, catalog, lines: recordLines(messages), bundled: new Set() };
  } finally {
    await xero.close();
  }
}

async function readQuickbooks(
  books: Books,
  { clock, streams }: { clock: FastClock; streams: readonly string[] },
): Promise<Read> {
  const quickbooks = await startQuickbooks({ companies: [books], clock });
  try {
    const { refresh_token } = quickbooks.issueTokens();
    const config = quickbooksConfig(quickbooks, refresh_token ?? '');
    const catalog = configured(quickbooksCatalog({ more_streams: [] }), streams);
    const messages = await readAll(quickbooksSource, { config, clock, catalog });
    const bundled = quickbooks.records('Invoice').flatMap(({ DocNumber, Line }) => {
      const lines = Array.isArray(Line) ? (Line as { DetailType?: string }[]) : [];
      return lines.some(({ DetailType }) => DetailType === 'GroupLineDetail') ? [String(DocNumber)] : [];
    });
    return { books, clock, catalog, lines: recordLines(messages), bundled: new Set(bundled) };
  } finally {
    await quickbooks.close();
  }
}

const configured = (catalog: Catalog, names: readonly string[]): ConfiguredCatalog => ({
  streams: catalog.streams
    .filter(({ name }) => names.includes(name))
    .map((stream) => ({
      stream,
      sync_mode: 'incremental',
      destination_sync_mode: 'append_dedup',
    })),
});

const recordLines = (messages: readonly Message[]): readonly string[] =>
  messages.filter(({ type }) => type === 'RECORD' || type === 'STATE' || type === 'TRACE').map(encodeLine);
