// Names of views and fields: lower-case words that LookML takes, unique, and the same ones every time.
import { createHash } from 'node:crypto';

/** The first six hex digits of the name's SHA-256: tells apart what would be named alike. */
export const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 6);

/**
 * A LookML identifier: lower-case letters, digits and single underscores, starting with a letter. `LineItems`
 * line_items, `TenantID` tenant_id, `Kererū` kereru. A name that loses more than case and accents carries a hash.
 */
export function identifier(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '');
  const words = plain
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase();
  const kept = words
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 100);
  const lossless = /^[a-z0-9 _.-]+$/.test(words) && words.length <= 100;
  const start = /^[a-z]/.test(kept) ? kept : `n_${kept}`.replace(/_+$/, '');
  return lossless && kept !== '' ? start : `${start}_${hashOf(name)}`;
}

/** Gives out identifiers of one view or model; a wish that is taken gets the hash of what it stands for. */
export type Allocate = (
  wish: string,
  options?: { readonly of?: string; readonly also?: readonly string[] },
) => string;

/**
 * `also` are endings that must be free too: a dimension group `due` makes fields `due_date`, `due_month`, ...
 * Equal wishes in equal order give equal names.
 */
export function allocator(reserved: Iterable<string> = []): Allocate {
  const taken = new Set(reserved);
  return (wish, { of = wish, also = [] } = {}) => {
    const namesOf = (name: string): readonly string[] => [name, ...also.map((ending) => `${name}_${ending}`)];
    const isFree = (name: string): boolean => namesOf(name).every((one) => !taken.has(one));
    let name = isFree(wish) ? wish : `${wish}_${hashOf(of)}`;
    while (!isFree(name)) name = `${name}x`;
    for (const one of namesOf(name)) taken.add(one);
    return name;
  };
}
