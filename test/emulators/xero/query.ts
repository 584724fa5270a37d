// Query parameters as Xero reads them: names in any case, unknown ones ignored, values clamped rather than refused.
import { parseDay } from './dates.ts';
import { validationError } from './errors.ts';

export class Query {
  readonly #values = new Map<string, string>();

  constructor(parameters: URLSearchParams) {
    for (const [name, value] of parameters) this.#values.set(name.toLowerCase(), value);
  }

  /** The value, or undefined when missing or empty. */
  get(name: string): string | undefined {
    const value = this.#values.get(name.toLowerCase());
    return value === '' ? undefined : value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  isTrue(name: string): boolean {
    return this.get(name)?.toLowerCase() === 'true';
  }

  /** A whole number held between `least` and `most`; `otherwise` when it is missing or not a number. */
  whole(
    name: string,
    { least, most, otherwise }: { least: number; most: number; otherwise: number },
  ): number {
    const value = Number.parseInt(this.get(name) ?? '', 10);
    return Number.isNaN(value) ? otherwise : Math.min(most, Math.max(least, value));
  }

  /** A comma list, trimmed; undefined when missing. */
  list(name: string): ReadonlySet<string> | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : new Set(value.split(',').map((one) => one.trim()));
  }

  /** A comma list of GUIDs in lower case; 400 when one is not a GUID. */
  guids(name: string): ReadonlySet<string> | undefined {
    const values = this.list(name);
    if (!values) return undefined;
    for (const one of values)
      if (!/^[0-9a-f-]{36}$/i.test(one))
        throw validationError(`"${one}" is not a valid identifier in "${name}"`);
    return new Set([...values].map((one) => one.toLowerCase()));
  }

  /** A day, ms at 00:00 UTC; 400 when it is not one. */
  day(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const day = parseDay(value);
    if (day === undefined) throw validationError(`"${value}" is not a valid date in "${name}"`);
    return day;
  }

  /** The parameters that decide which rows a list holds, as one text: all but the page. */
  key(): string {
    const parts = [...this.#values].filter(([name]) => !['page', 'pagesize', 'unitdp'].includes(name));
    return JSON.stringify(parts.sort());
  }
}
