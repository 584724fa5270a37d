// Cuts a list that Xero finds too large into ranges that it accepts.
import { asConnectorError, isoDay } from '@airbyte/cdk-typescript-shim';
import { isHighVolume } from './api.ts';

const DAY = 86_400_000;

/** From `from` (included) to `to` (not included); open where undefined. */
interface Bounds {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Range extends Bounds {
  /** The query parameters that keep to the range. */
  readonly conditions: Readonly<Record<string, string>>;
}

/** What the ranges are ranges of. Together, adjacent ranges hold every row: each row is on one side of a cut. */
interface Axis {
  conditions(bounds: Bounds): Readonly<Record<string, string>>;
  /** A cut inside the bounds; undefined when they are as narrow as they get. */
  cut(bounds: Bounds, now: number): string | undefined;
  /** What finds rows without a value, which are in no range. */
  readonly empty?: Readonly<Record<string, string>>;
}

const days: Axis['cut'] = ({ from, to }, now) => {
  const low =
    from === undefined ? Math.min(Date.UTC(2000, 0, 1), startOf(to, now) - 3_650 * DAY) : Date.parse(from);
  const high = to === undefined ? Math.max(now, low) + 2 * DAY : Date.parse(to);
  const middle = Math.floor((low + high) / 2 / DAY) * DAY;
  return middle > low && middle < high ? isoDay(middle) : undefined;
};

const startOf = (to: string | undefined, now: number): number => (to === undefined ? now : Date.parse(to));

const dateTime = (text: string): string => {
  const [year, month, date] = text.split('-').map(Number);
  return `DateTime(${year},${month},${date})`;
};

const axes: Readonly<Record<'Date' | 'DateFrom' | 'Name', Axis>> = {
  Date: {
    conditions: ({ from, to }) => ({
      where: [from && `Date>=${dateTime(from)}`, to && `Date<${dateTime(to)}`].filter(Boolean).join(' AND '),
    }),
    cut: days,
    empty: { where: 'Date==null' },
  },
  // Purchase orders take no `where`; both of their parameters include the day they name.
  DateFrom: {
    conditions: ({ from, to }) => ({
      ...(from ? { DateFrom: from } : {}),
      ...(to ? { DateTo: isoDay(Date.parse(to) - DAY) } : {}),
    }),
    cut: days,
  },
  Name: {
    conditions: ({ from, to }) => ({
      where: [from && `Name>="${from}"`, to && `Name<"${to}"`].filter(Boolean).join(' AND '),
    }),
    cut: ({ from, to }) => between(from ?? '', to ?? ''),
  },
};

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DEPTH = 2;

/** A short text between two; '' as `high` is the end. */
function between(low: string, high: string): string | undefined {
  const top = LETTERS.length ** DEPTH;
  const middle = Math.floor((numberOf(low) + (high === '' ? top : numberOf(high))) / 2);
  if (middle <= numberOf(low) || (high !== '' && middle >= numberOf(high))) return undefined;
  let text = '';
  for (let rest = middle, place = 0; place < DEPTH; place += 1, rest = Math.floor(rest / LETTERS.length))
    text = `${LETTERS[rest % LETTERS.length]}${text}`;
  return text;
}

const numberOf = (text: string): number =>
  [...text.padEnd(DEPTH, '0').slice(0, DEPTH)].reduce(
    (sum, letter) => sum * LETTERS.length + LETTERS.indexOf(letter),
    0,
  );

/**
 * Reads everything in ranges, in ascending order, halving each that Xero refuses; after each it names the value from
 * which the next begins. `from` resumes there. Throws Xero's refusal when a range can be cut no more.
 */
export async function* slices<Step>(
  read: (range: Range) => AsyncGenerator<Step>,
  { axis: name, from, now }: { axis: 'Date' | 'DateFrom' | 'Name'; from: string | undefined; now: number },
): AsyncGenerator<{ readonly step: Step } | { readonly from: string }> {
  const axis = axes[name];
  if (axis.empty && from === undefined) yield* readEmpty(read({ from, to: from, conditions: axis.empty }));
  const ahead: Bounds[] = halves({ from, to: undefined }, axis.cut({ from, to: undefined }, now));
  for (let bounds = ahead.shift(); bounds; bounds = ahead.shift()) {
    try {
      for await (const step of read({ ...bounds, conditions: axis.conditions(bounds) })) yield { step };
      if (bounds.to !== undefined) yield { from: bounds.to };
    } catch (thrown) {
      const cut = axis.cut(bounds, now);
      if (!isHighVolume(asConnectorError(thrown)) || cut === undefined) throw thrown;
      ahead.unshift(...halves(bounds, cut));
    }
  }
}

/** Xero dates a document today when nobody does, so a server that cannot compare with null has none without a date. */
async function* readEmpty<Step>(steps: AsyncGenerator<Step>): AsyncGenerator<{ readonly step: Step }> {
  try {
    for await (const step of steps) yield { step };
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.status !== 400 || isHighVolume(error)) throw thrown;
  }
}

const halves = ({ from, to }: Bounds, cut: string | undefined): Bounds[] =>
  cut === undefined
    ? [{ from, to }]
    : [
        { from, to: cut },
        { from: cut, to },
      ];
