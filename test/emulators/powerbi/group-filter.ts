// The `$filter` of workspaces: eq, contains, tolower, joined by and / or (powerbi.md 6).
import { badRequest } from './answers.ts';
import type { Switches } from './switches.ts';

interface Group {
  readonly id: string;
  readonly name: string;
}

type Test = (group: Group) => boolean;

/** A test of workspaces; everything passes without a filter. */
export function matches(filter: string | null, switches: Switches): Test {
  if (filter === null || filter === '') return () => true;
  const any = split(filter, 'or').map((part) => {
    const all = split(part, 'and').map((one) => comparison(one.trim(), switches));
    return (group: Group) => all.every((test) => test(group));
  });
  return (group) => any.some((test) => test(group));
}

/** Words between quotes join nothing. */
function split(text: string, word: 'and' | 'or'): string[] {
  const parts = text.match(/'(?:[^']|'')*'|[^']+/g) ?? [];
  const marked = parts.map((part) =>
    part.startsWith("'") ? part : part.replace(new RegExp(`\\s${word}\\s`, 'gi'), '\u0001'),
  );
  return marked.join('').split('\u0001');
}

function comparison(text: string, { filterById }: Switches): Test {
  const value = (quoted = ''): string => quoted.slice(1, -1).replaceAll("''", "'");
  const literal = "('(?:[^']|'')*')";
  const equal = new RegExp(`^(name|id|tolower\\(name\\))\\s+eq\\s+${literal}$`, 'i').exec(text);
  if (equal) {
    const wanted = value(equal[2]);
    const [, subject = ''] = equal;
    if (subject.toLowerCase() === 'name') return ({ name }) => name === wanted;
    if (subject.toLowerCase() !== 'id') return ({ name }) => name.toLowerCase() === wanted;
    if (filterById) return ({ id }) => id === wanted.toLowerCase();
  }
  const contained = new RegExp(`^contains\\((tolower\\(name\\)|name),\\s*${literal}\\)$`, 'i').exec(text);
  if (contained) {
    const lower = contained[1]?.toLowerCase() !== 'name';
    return ({ name }) => (lower ? name.toLowerCase() : name).includes(value(contained[2]));
  }
  throw badRequest(`The filter '${text}' is not supported.`, '$filter');
}
