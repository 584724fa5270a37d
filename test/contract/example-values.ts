// Compares a decoded record with what Xero sent, by rules of its own: the same values, nothing lost, nothing added.
import { isObject } from '@airbyte/cdk-typescript-shim';

const MIDNIGHT = 'T00:00:00.000Z';

/** Where a decoded value is not what was sent; no entries when it is. */
export function differencesIn(sent: unknown, decoded: unknown, place = ''): readonly string[] {
  const told = `${place}: ${JSON.stringify(sent)} became ${JSON.stringify(decoded)}`;
  if (Array.isArray(sent))
    return Array.isArray(decoded) && decoded.length === sent.length
      ? sent.flatMap((one, index) => differencesIn(one, decoded[index], `${place}[${index}]`))
      : [told];
  if (isObject(sent)) return isObject(decoded) ? differencesOfFields(sent, decoded, place) : [told];
  return isSame(sent, decoded) ? [] : [told];
}

function differencesOfFields(
  sent: Readonly<Record<string, unknown>>,
  decoded: Readonly<Record<string, unknown>>,
  place: string,
): readonly string[] {
  // A date that comes twice is kept once.
  const kept = Object.keys(sent).filter((name) => !(name.endsWith('String') && name.slice(0, -6) in sent));
  const added = Object.keys(decoded).filter((name) => !kept.includes(name));
  return [
    ...added.map((name) => `${place}.${name}: was not sent`),
    ...kept.flatMap((name) => {
      if (!(name in decoded)) return [`${place}.${name}: lost`];
      const twin = sent[`${name}String`];
      if (typeof twin === 'string' && startsLike(twin, decoded[name])) return [];
      return differencesIn(sent[name], decoded[name], `${place}.${name}`);
    }),
  ];
}

/** Transfers show a time of day in the number of their day, and midnight in its twin. */
const startsLike = (twin: string, decoded: unknown): boolean =>
  typeof decoded === 'string' && decoded.length === 10 && twin.startsWith(`${decoded}T`);

function isSame(sent: unknown, decoded: unknown): boolean {
  if (sent === '' || sent === null) return decoded === null;
  if (typeof sent !== 'string' || sent === decoded) return sent === decoded;
  const date = instantOf(sent);
  if (date !== undefined) return date === decoded || date === `${String(decoded)}${MIDNIGHT}`;
  // Numbers and booleans that came as text.
  return String(decoded) === sent || (typeof decoded === 'number' && decoded === Number(sent));
}

/** The date in .NET's form, or in ISO's without a zone, as an instant in UTC. */
function instantOf(text: string): string | undefined {
  const milliseconds = /^\/Date\((-?\d+)(\+0000)?\)\/$/.exec(text)?.[1];
  if (milliseconds !== undefined) return new Date(Number(milliseconds)).toISOString();
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? new Date(`${text}Z`).toISOString() : undefined;
}

/** The cells of every row of a report below its header, sections opened. */
export function cellsOf(rows: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(rows)) return [];
  return rows.filter(isObject).flatMap((row) => {
    if (Array.isArray(row.Rows)) return cellsOf(row.Rows);
    if (row.RowType === 'Header' || !Array.isArray(row.Cells)) return [];
    return [row.Cells.filter(isObject).map(({ Value }) => Value)];
  });
}
