// How fast record lines and staged rows become .hyper files, against hyperd's own COPY of a ready CSV in the same run.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLines } from './tableau-lines.ts';
import { type Making, type Measured, measure, type Task } from './tableau-making.ts';

export interface TableauBench {
  readonly rows: number;
  /** `COPY ... FROM 'file.csv'` into an equal table, the file being there. */
  readonly copy: Making;
  /** From the spool, when all lines lie in it, to one whole .hyper file. */
  readonly spooled: Making;
  /** From staged rows to one whole .hyper file. */
  readonly staged: Making;
  /** From record lines to one whole .hyper file, all in one segment. */
  readonly whole: Making;
  /** From record lines to .hyper files, one per segment, as the settings have it when nobody sets any. */
  readonly lines: Making;
  /** Size of the one file. */
  readonly fileBytes: number;
  /** Highest resident memory of the process of Node with the default segments, in MiB. */
  readonly peakMebibytes: number;
  /** And with all rows in one. */
  readonly wholeMebibytes: number;
}

const rounds = 3;

/** Each measure has a process of its own, so that its memory is known; the best of three rounds, one after another. */
export async function benchTableau(rows: number): Promise<TableauBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  try {
    await writeLines(join(folder, 'lines.jsonl'), rows);
    const found: Record<Task, Measured>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const whole = await inChild('whole', folder);
      found.push({ whole, lines: await inChild('lines', folder), copy: await inChild('copy', folder) });
    }
    const all = found.flatMap(({ whole, lines }) => [whole, lines]);
    const [first] = all;
    if (!first || all.some((one) => one.rows !== rows)) throw new Error(`Not all of ${rows} rows arrived`);
    const best = (pick: (round: Record<Task, Measured>) => Making | undefined): Making => {
      const [least] = found.flatMap((round) => pick(round) ?? []).sort((a, b) => a.seconds - b.seconds);
      if (!least) throw new Error('At least one round is needed');
      return least;
    };
    return {
      rows,
      copy: best(({ copy }) => copy.making),
      spooled: best(({ whole }) => whole.spooled),
      staged: best(({ whole }) => whole.staged),
      whole: best(({ whole }) => whole.making),
      lines: best(({ lines }) => lines.making),
      fileBytes: first.bytes,
      peakMebibytes: Math.max(...found.map(({ lines }) => lines.peakMebibytes)),
      wholeMebibytes: Math.max(...found.map(({ whole }) => whole.peakMebibytes)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inChild(task: Task, folder: string): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), [task, folder], { execArgv: process.execArgv });
  const ended = once(child, 'close');
  const [message] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`The measuring process ended with ${code} before it had a result`);
    }),
  ])) as [Measured];
  await ended;
  return message;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , task = '1000000', folder] = process.argv;
  if (task === 'whole' || task === 'lines' || task === 'copy')
    process.send?.(await measure(task, folder ?? ''), () => process.disconnect());
  else {
    const { rows, fileBytes, peakMebibytes, wholeMebibytes, ...found } = await benchTableau(Number(task));
    const { copy } = found;
    const told = (name: string, { seconds, processor }: Making): string =>
      `${name} ${seconds.toFixed(2)} s (${(copy.seconds / seconds).toFixed(2)} x COPY), processors ${processor.toFixed(2)} s (${(copy.processor / processor).toFixed(2)} x)\n`;
    process.stdout.write(
      `${rows} rows to .hyper (${Math.round(fileBytes / 1e6)} MB), best of ${rounds}, Node ${Math.round(peakMebibytes)} MiB (in one segment ${Math.round(wholeMebibytes)} MiB)\n` +
        told('  COPY of a ready CSV', copy) +
        told('  from staged rows', found.staged) +
        told('  from the spool', found.spooled) +
        told('  from lines, one segment', found.whole) +
        told('  from lines, default segments', found.lines),
    );
  }
}
