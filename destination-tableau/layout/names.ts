// Names of data sources: one per stream, unique without regard to case, always the same ones.
import { createHash } from 'node:crypto';

/** Longest name that every version takes (unverified; the column behind it holds 255). */
const longest = 200;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** A name with its prefix: control characters and outer blanks go, what is too long is cut; both end in a hash then. */
export function fullName(prefix: string, name: string): string {
  const whole = `${prefix}${name}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const clean = whole.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ').trim();
  if (clean === whole.trim() && [...clean].length <= longest && clean !== '') return clean;
  return `${[...(clean || 'unnamed')].slice(0, longest - 9).join('')} ${hashOf(whole)}`;
}

/** Names for main tables, namespaces in front; where two differ by case alone, the later one gets a hash. */
export function sourceNames(
  tables: readonly { readonly name: string; readonly namespace?: string | undefined }[],
): readonly string[] {
  const taken = new Set<string>();
  return tables.map(({ name, namespace }) => {
    const wished = fullName('', namespace ? `${namespace} ${name}` : name);
    const chosen = taken.has(wished.toLowerCase())
      ? `${wished} ${hashOf(JSON.stringify([namespace ?? '', name]))}`
      : wished;
    taken.add(chosen.toLowerCase());
    return chosen;
  });
}
