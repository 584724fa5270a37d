// How often a schedule runs: its body read and written, and the combinations Tableau refuses (tableau.md 4).
import { ApiFailure } from './errors.ts';
import { childOf, childrenOf, type Input, type Tree, textOf } from './tree.ts';

const frequencies = ['Hourly', 'Daily', 'Weekly', 'Monthly'] as const;

export interface Frequency {
  readonly frequency: (typeof frequencies)[number];
  readonly start: string;
  readonly end: string | undefined;
  readonly intervals: readonly Readonly<Record<string, string>>[];
}

/** Which interval a frequency is given in. */
const intervalKeys: Readonly<Record<Frequency['frequency'], readonly string[]>> = {
  Hourly: ['hours', 'minutes', 'weekDay'],
  Daily: ['hours', 'weekDay'],
  Weekly: ['weekDay'],
  Monthly: ['monthDay', 'weekDay'],
};

const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

/** Refuses (409004) what is no schedule. */
export function readFrequency(input: Input | undefined): Frequency {
  const asked = textOf(input, 'frequency');
  const frequency = frequencies.find((one) => one === asked);
  const details = childOf(input, 'frequencyDetails');
  if (!frequency || !details) throw invalid('it needs a frequency and frequencyDetails');
  const start = textOf(details, 'start') ?? '';
  const end = textOf(details, 'end');
  if (!time.test(start) || (end !== undefined && !time.test(end))) throw invalid('times are HH:MM:SS');
  const intervals = childrenOf(childOf(details, 'intervals'), 'interval').map((interval) => {
    const entries = Object.entries(interval).map(([key, value]) => [key, String(value)] as const);
    const wrong = entries.find(([key]) => !intervalKeys[frequency].includes(key));
    if (wrong) throw invalid(`${frequency} takes no interval in ${wrong[0]}`);
    return Object.fromEntries(entries);
  });
  const needsEnd = intervals.some(({ hours, minutes }) => minutes !== undefined || (hours ?? '24') !== '24');
  if (needsEnd && end === undefined) throw invalid('repeated runs within a day need an end');
  if ((frequency === 'Weekly' || frequency === 'Monthly') && intervals.length === 0)
    throw invalid(`${frequency} needs an interval`);
  return { frequency, start, end, intervals };
}

const invalid = (reason: string): ApiFailure => new ApiFailure(409004, `Invalid schedule: ${reason}`);

/** The parts of a schedule element; with its frequency where nobody else says it. */
export function frequencyBody({ frequency, start, end, intervals }: Frequency, named = false): Tree {
  return {
    ...(named ? { frequency } : {}),
    frequencyDetails: { start, end, intervals: { interval: intervals } },
  };
}
