// Counts what our programs print, line by line: the judges let bad lines pass.
import { type Ended, run } from '../program.ts';
import type { Counts } from './bench.ts';

interface AirbyteLine {
  readonly type: string;
  readonly record?: { readonly stream: string };
  readonly state?: { readonly stream?: { readonly stream_descriptor: { readonly name: string } } };
}

interface SingerLine {
  readonly type: string;
  readonly stream?: string;
  readonly value?: unknown;
}

export interface Counted {
  readonly lines: readonly string[];
  /** Lines of each type. */
  readonly types: Counts;
  /** Records of each stream. */
  readonly records: Counts;
}

/** Runs one of our programs and counts its lines. Throws when it fails or prints a line that is not JSON. */
export async function counted(program: string, args: readonly string[]): Promise<Counted> {
  const ended = await run(program, args);
  if (ended.code !== 0) throw new Error(`"${program}" ended with ${ended.code}: ${ended.stderr}`);
  return countedLines(ended);
}

export function countedLines({ stdout }: Pick<Ended, 'stdout'>): Counted {
  const lines = stdout.split('\n').filter((line) => line !== '');
  const types: Record<string, number> = {};
  const records: Record<string, number> = {};
  for (const text of lines) {
    const line = JSON.parse(text) as AirbyteLine & SingerLine;
    types[line.type] = (types[line.type] ?? 0) + 1;
    const stream = line.type === 'RECORD' ? (line.record as AirbyteLine['record'])?.stream : undefined;
    const name = stream ?? (line.type === 'RECORD' || line.type === 'SCHEMA' ? line.stream : undefined);
    if (name !== undefined) records[name] = (records[name] ?? 0) + (line.type === 'RECORD' ? 1 : 0);
  }
  return { lines, types, records };
}

/** The value of the last STATE of a tap. */
export function lastState(lines: readonly string[]): unknown {
  const states = lines.map((line) => JSON.parse(line) as SingerLine).filter(({ type }) => type === 'STATE');
  return states.at(-1)?.value;
}
