// Compares what a program printed with its golden transcript, but for what differs from run to run.
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import type { Ended } from '../program.ts';

/** Paths below the folder of temporary files. */
const temporary = new RegExp(`${tmpdir().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/[\\w./-]+`, 'g');

/** What differs from run to run, replaced by its kind. */
function normalised(text: string): string {
  return (
    text
      .replace(/"emitted_at":\d+/g, '"emitted_at":0')
      .replace(/\b\d{8}T\d{9}Z-[0-9a-f]{8}\b/g, '<job>')
      .replace(/\b01[0-9a-f]{6}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<statement>')
      .replace(/"refresh_token":"[^"]+"/g, '"refresh_token":"<token>"')
      .replace(/(\\"batch\\":\\")[0-9a-f]{32}/g, '$1<batch>')
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<host>')
      .replace(/"(read_at|whole_at)":("[^"]+"|\d+)/g, '"$1":"<time>"')
      // The books end with 2025: a later cursor is the time of the run.
      .replace(/"(cursor|since)":"(?!202[0-5])[^"]+"/g, '"$1":"<time>"')
      .replace(/"month":"\d{4}-\d{2}"/g, '"month":"<month>"')
      // A minute of the quota may end meanwhile.
      .replace(/(\\"event\\":\\"quota\\",[^}]*\\"left\\":)\d+/g, '$1<left>')
      .replace(/( calls to QuickBooks; \d+ in) \d{4}-\d{2}/g, '$1 <month>')
      .replace(temporary, '<path>')
  );
}

/**
 * Both channels of a program that ended, beside the files `name`.jsonl and `name`.stderr; `more` replaces what differs in
 * this transcript alone.
 */
export async function expectGolden(
  name: string,
  { stdout, stderr }: Ended,
  more: (text: string) => string = (text) => text,
): Promise<void> {
  await expect(more(normalised(stdout))).toMatchFileSnapshot(`${name}.jsonl`);
  await expect(more(normalised(stderr))).toMatchFileSnapshot(`${name}.stderr`);
}
