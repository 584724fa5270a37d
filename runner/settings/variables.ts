// Values from the environment: `${NAME}`, `${NAME:-text}`, and `$${` for the text itself.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Path } from './document.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Filled {
  readonly value: unknown;
  /** Places that need a variable which is not set, and its name. */
  readonly missing: readonly { readonly path: Path; readonly name: string }[];
  /** Places (`placeOf`) of values with a variable in them; true where it is all of the value, and may be a number. */
  readonly places: ReadonlyMap<string, boolean>;
}

/** As JSON pointers write it, which is how ajv names places. */
export const placeOf = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const reference = /\$?\$\{(\w+)(?::-([^}]*))?\}/g;
const wholeReference = /^\$\{\w+(?::-[^}]*)?\}$/;

/** True for a text of the file that takes its value from elsewhere. */
export const isReference = (text: string): boolean =>
  isVaultReference(text) || /(?:^|[^$])\$\{\w+(?::-)?\}/.test(text);

/** True for `vault:NAME`, the secret of that name in the vault. */
export const isVaultReference = (text: string): boolean => /^vault:\S+$/.test(text);

/**
 * A copy with every reference replaced; what is missing stays as it is written. A field without a value is left out:
 * all that is below it may be commented out.
 */
export function fill(value: unknown, environment: Environment): Filled {
  const missing: { path: Path; name: string }[] = [];
  const places = new Map<string, boolean>();
  const visit = (part: unknown, path: Path): unknown => {
    if (Array.isArray(part)) return part.map((element, index) => visit(element, [...path, index]));
    if (isObject(part))
      return Object.fromEntries(
        Object.entries(part)
          .filter(([, member]) => member !== null)
          .map(([name, member]) => [name, visit(member, [...path, name])]),
      );
    if (typeof part !== 'string' || !part.includes('${')) return part;
    return part.replace(reference, (found, name: string, fallback?: string) => {
      if (found.startsWith('$$')) return found.slice(1);
      places.set(placeOf(path), wholeReference.test(part));
      const text = environment[name] ?? fallback;
      if (text === undefined) missing.push({ path, name });
      return text ?? found;
    });
  };
  return { value: visit(value, []), missing, places };
}
