// The table of streams in a connector's README, which must be the table of its code.
import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';

/** Fails the running test unless README.md of the connector shows these rows; GOLDEN=write writes them instead. */
export async function expectStreamTable(
  connector: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const file = new URL(`../../${connector}/README.md`, import.meta.url);
  const text = await readFile(file, 'utf8');
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const [before, shown = '', after] = text.split(/<!-- \/?streams -->/);
  if (process.env.GOLDEN === 'write')
    await writeFile(file, `${before}<!-- streams -->\n\n${lines.join('\n')}\n\n<!-- /streams -->${after}`);
  else expect(cellsOf(shown)).toEqual(cellsOf(lines.join('\n')));
}

/** The cells of a Markdown table, whatever the width of its columns. */
const cellsOf = (table: string): readonly (readonly string[])[] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '-')));
