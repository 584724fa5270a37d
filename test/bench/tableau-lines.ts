// Journal lines as a source would send them, and their catalog.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { ConfiguredCatalog, JsonSchema } from '@airbyte/cdk-typescript-shim';

const text: JsonSchema = { type: ['null', 'string'] };

export const catalog: ConfiguredCatalog = {
  streams: [
    {
      stream: {
        name: 'journal_lines',
        json_schema: {
          type: 'object',
          properties: {
            LineID: text,
            JournalNumber: { type: ['null', 'integer'] },
            Date: { type: ['null', 'string'], format: 'date' },
            AccountCode: text,
            Description: text,
            Amount: { type: ['null', 'number'], 'x-role': 'amount' },
            Posted: { type: ['null', 'boolean'] },
          },
        } as Record<string, unknown>,
        supported_sync_modes: ['incremental'],
        source_defined_primary_key: [['LineID']],
      },
      sync_mode: 'incremental',
      destination_sync_mode: 'append_dedup',
    },
  ],
};

/** Writes so many RECORD lines, about 270 bytes each. */
export async function writeLines(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  for (let start = 0; start < rows; start += 1000) {
    const block = Array.from({ length: Math.min(1000, rows - start) }, (_, index) =>
      line(start + index),
    ).join('');
    if (!file.write(block)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

function line(number: number): string {
  const data = {
    LineID: `${String(number).padStart(8, '0')}-4d4c-4a36-9a36-0a4bb1d5f2a1`,
    JournalNumber: Math.floor(number / 4),
    Date: new Date(1_600_000_000_000 + (number % 1000) * 86_400_000).toISOString().slice(0, 10),
    AccountCode: String(200 + (number % 90)),
    Description: `Consulting, part ${number % 5000}`,
    Amount: ((number * 7919) % 1_000_000) / 100,
    Posted: number % 3 === 0,
  };
  return `${JSON.stringify({ type: 'RECORD', record: { stream: 'journal_lines', data, emitted_at: 1_767_225_600_000 } })}\n`;
}
