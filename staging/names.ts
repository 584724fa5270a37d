// Names of tables and columns: the vendor's or snake case, unique without regard to case, always the same ones.
import { createHash } from 'node:crypto';

export type NameStyle = 'original' | 'snake_case';

/** One name of parts joined by `_`, e.g. `Contact_Name` or `contact_name`. */
export function joinName(parts: readonly string[], style: NameStyle): string {
  const joined = parts.map((part) => (style === 'snake_case' ? snakeCase(part) : part)).join('_');
  const plain = joined.replace(/\p{Cc}/gu, '_').replace(/\p{Cs}/gu, '\ufffd');
  return plain.trim() === '' ? `field_${suffixOf(parts)}` : plain;
}

/** `LineItems` line_items, `TenantID` tenant_id, `UpdatedDateUTC` updated_date_utc, `a-b c` a_b_c. */
export function snakeCase(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/[^\p{L}\p{N}_]+/gu, '_')
    .toLowerCase();
}

export interface Wish {
  /** What is named: its path, unique among the wishes. */
  readonly path: readonly string[];
  readonly name: string;
}

/**
 * A name for each wish, in their order. Where several wish for the same name (or for one in `taken`), the shortest
 * path gets it, and the others a suffix made from their path: the order of the wishes decides nothing.
 */
export function uniqueNames(wishes: readonly Wish[], taken: Iterable<string> = []): readonly string[] {
  const used = new Set([...taken].map(fold));
  const names = new Map<Wish, string>();
  const ranked = [...wishes].sort((one, other) => rank(one, other));
  const late: Wish[] = [];
  for (const wish of ranked) {
    if (used.has(fold(wish.name))) late.push(wish);
    else {
      used.add(fold(wish.name));
      names.set(wish, wish.name);
    }
  }
  for (const wish of late) {
    let name = `${wish.name}_${suffixOf(wish.path)}`;
    while (used.has(fold(name))) name = `${name}_`;
    used.add(fold(name));
    names.set(wish, name);
  }
  return wishes.map((wish) => names.get(wish) ?? wish.name);
}

const fold = (name: string): string => name.toLowerCase();

function rank(one: Wish, other: Wish): number {
  const byLength = one.path.length - other.path.length;
  if (byLength !== 0) return byLength;
  const [left, right] = [JSON.stringify(one.path), JSON.stringify(other.path)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const suffixOf = (path: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(path)).digest('hex').slice(0, 6);
