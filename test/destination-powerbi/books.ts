// Generated books as a source tells of them, run by run: what it sends, and what a model must then show.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bestModes,
  type ConfiguredCatalog,
  type Message,
  type Source,
  type States,
} from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { source as quickbooks, catalogOf as quickbooksCatalog } from '../../source-quickbooks/index.ts';
import { source as xero, catalogOf as xeroCatalog } from '../../source-xero/index.ts';
import { editBooks } from '../books/index.ts';
import { readAll, statesOf } from '../conformance/in-process.ts';
import type { Figures } from '../demo/figures.ts';
import { measureBooks } from '../demo/powerbi-measures.ts';
import { runningSource } from '../demo/sources.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox } from '../sandbox/open.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import { Replayed, type TableFigures } from './replayed.ts';

/** One run of the source. */
export interface Told {
  readonly messages: readonly Message[];
  /** The books' figures after it. */
  readonly expected: Figures;
  readonly measures: Figures;
  /** Rows and sums of the records that live after it. */
  readonly tables: TableFigures;
}

export interface Recording {
  readonly catalog: ConfiguredCatalog;
  readonly runs: readonly Told[];
}

const sources = {
  xero: {
    source: xero as Source<unknown>,
    catalog: () => xeroCatalog({ journals: false }),
    config: {},
  },
  quickbooks: {
    source: quickbooks as Source<unknown>,
    catalog: () => quickbooksCatalog({ more_streams: [] }),
    config: { reports: { hours: 0 } },
  },
} as const;

/** Reads books of so many documents, and again after each round of edits, going on from its states. */
export async function recordBooks(
  from: SourceName,
  {
    documents,
    edits,
    rounds,
    streams,
  }: {
    readonly documents: number;
    readonly edits: number;
    readonly rounds: number;
    /** All of the source's unless given. */
    readonly streams?: RegExp;
  },
): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-books-'));
  const sandbox = await openSandbox({
    folder,
    documents,
    companies: from === 'xero' ? 2 : 1,
    products: [from],
    xeroLimits: UNLIMITED,
  });
  try {
    const { source, ...one } = sources[from];
    const path = Object.values(sandbox.configs)[0] ?? '';
    const config = { ...(JSON.parse(await readFile(path, 'utf8')) as object), ...one.config };
    const all = bestModes(one.catalog());
    const catalog = { streams: all.streams.filter(({ stream }) => streams?.test(stream.name) ?? true) };
    const books = runningSource(sandbox);
    const replayed = new Replayed(catalog);
    const runs: Told[] = [];
    let states: States = new Map();
    for (let round = 0; round <= rounds; round += 1) {
      if (round > 0)
        for (const [index, set] of sandbox.books.entries())
          editBooks(set, { seed: 100 * round + index, edits, at: Date.now() });
      const messages = await readAll(source, { config, clock: systemClock, catalog, states });
      states = statesOf(messages);
      replayed.take(messages);
      runs.push({
        messages: messages.filter(({ type }) => type === 'RECORD' || type === 'STATE' || type === 'TRACE'),
        expected: books.expected(),
        measures: new Map([...books.books].flatMap(([id, set]) => [...measureBooks(set, id, from)])),
        tables: replayed.figures(),
      });
    }
    return { catalog, runs };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}
