// A segment's tables as CSV files: each is written while the one before it is being loaded.
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagedTable } from '@ledgerpipe/staging';

/** The rows of one table in files that COPY reads. */
export interface SpooledTable {
  readonly files: readonly string[];
  readonly rows: number;
  /** Bytes that are 0 occur, which PostgreSQL holds in no text. */
  readonly nul: boolean;
  /** `\u0000` occurs, which jsonb refuses. */
  readonly escapedNul: boolean;
}

export interface Spool {
  /** Writes a table once, and begins with the one that follows it. */
  of(table: StagedTable): Promise<SpooledTable>;
  discard(): Promise<void>;
}

/** `tables` in the order in which they are asked for. */
export function openSpool(tables: readonly StagedTable[], folder: string): Spool {
  const spooled = new Map<StagedTable, Promise<SpooledTable>>();
  let last: Promise<unknown> = Promise.resolve();
  const begin = (table: StagedTable): Promise<SpooledTable> => {
    const index = tables.indexOf(table);
    // One write at a time: staging has one engine, and the disk is one.
    const writing = last.then(() => spool(table, join(folder, String(index))));
    last = writing.catch(() => undefined);
    spooled.set(table, writing);
    return writing;
  };
  return {
    async of(table) {
      const own = await (spooled.get(table) ?? begin(table));
      const next = tables[tables.indexOf(table) + 1];
      if (next && !spooled.has(next)) begin(next).catch(() => undefined);
      return own;
    },
    async discard() {
      await last;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spool(table: StagedTable, folder: string): Promise<SpooledTable> {
  await mkdir(folder, { recursive: true });
  const written = await table.write(folder, { format: 'csv' });
  const files = written.map(({ path }) => path);
  let found = { nul: false, escapedNul: false };
  for (const file of files) {
    const own = await scan(file);
    found = { nul: found.nul || own.nul, escapedNul: found.escapedNul || own.escapedNul };
  }
  return { files, rows: written.reduce((sum, { rows }) => sum + rows, 0), ...found };
}

const escaped = Buffer.from('\\u0000');

/** Looks for what PostgreSQL refuses, at the speed of the disk. */
async function scan(file: string): Promise<{ nul: boolean; escapedNul: boolean }> {
  let nul = false;
  let escapedNul = false;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes = chunk as Buffer;
    nul ||= bytes.includes(0);
    escapedNul ||= bytes.includes(escaped) || Buffer.concat([tail, bytes.subarray(0, 5)]).includes(escaped);
    tail = bytes.subarray(-5);
  }
  return { nul, escapedNul };
}
