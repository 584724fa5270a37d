// Keeps the words of a judge for the summary.
import { appendFile } from 'node:fs/promises';

export interface Verdict {
  readonly judge: string;
  readonly words: string;
}

/** One verdict a line, of the latest run. */
export const verdicts = new URL('../../.interop/verdicts.jsonl', import.meta.url);

/** Notes what `judge` said. Call it once what it said has been checked. */
export async function verdict(judge: string, words: string): Promise<void> {
  const said: Verdict = { judge, words: words.replace(/\s+/g, ' ').trim() };
  await appendFile(verdicts, `${JSON.stringify(said)}\n`);
}

/** The first line of `text` that `pattern` matches. Throws when there is none, with the end of the text. */
export function lineWith(text: string, pattern: RegExp): string {
  const found = text.split('\n').find((line) => pattern.test(line));
  if (found === undefined)
    throw new Error(`Expected a line like ${pattern} of the judge, found: ${text.trim().slice(-2_000)}`);
  return found.trim();
}
