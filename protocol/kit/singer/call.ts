// Whether the program was called as a Singer tap or target: by the name it was started under, or by its flags.
import { basename } from 'node:path';

const verbs: ReadonlySet<string> = new Set(['spec', 'check', 'discover', 'read', 'write', 'login', 'help']);
const flags = /^(--(config|discover|about|test|catalog|properties|state|input)(=|$)|-[cdsp]$)/;

/**
 * True under a name such as `tap-xero` or `target-databricks`. Under any other (Docker, Meltano's `executable`) a
 * Singer caller is known by flags at top level, without a verb. `argv` is the process's own.
 */
export function isSingerCall([, script = '', ...args]: readonly string[]): boolean {
  if (/^(tap|target)-/.test(basename(script))) return true;
  return args.some((arg) => flags.test(arg)) && !args.some((arg) => verbs.has(arg));
}
