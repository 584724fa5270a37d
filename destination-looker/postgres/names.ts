// Names that PostgreSQL accepts, made from any name, the same one every time.
import { createHash } from 'node:crypto';

/** Bytes of a name: NAMEDATALEN - 1. Longer ones would be cut without a word, and could then meet. */
const longest = 63;

/** The table that tells what was committed: what a datagroup's sql_trigger looks at. */
export const syncLogTable = 'ledgerpipe_syncs';

/** Where SQL Runner gathers the pieces of a delivery. */
export const piecesTable = 'ledgerpipe_pieces';

const reserved: ReadonlySet<string> = new Set([syncLogTable, piecesTable]);

/** Every table has these ("System Columns"). */
const systemColumns: ReadonlySet<string> = new Set([
  'ctid',
  'xmin',
  'xmax',
  'cmin',
  'cmax',
  'tableoid',
  'oid',
]);

const control = /\p{Cc}/gu;

/** A name that had to change ends in a hash of the one it was made from, so that two never meet. */
function marked(cleaned: string, original: string): string {
  const hash = createHash('sha256').update(original).digest('hex').slice(0, 8);
  let kept = '';
  for (const character of cleaned) {
    if (Buffer.byteLength(kept + character) > longest - hash.length - 1) break;
    kept += character;
  }
  return `${kept}_${hash}`;
}

function fitting(name: string): string {
  const cleaned = name.toWellFormed().replace(control, '_');
  const usable = cleaned === name && name !== '' && Buffer.byteLength(name) <= longest;
  return usable ? name : marked(cleaned || 'unnamed', name);
}

/** A table's name. All namespaces share one schema, so a namespace goes in front. */
export function tableName(name: string, namespace?: string): string {
  const whole = namespace ? `${namespace}_${name}` : name;
  return reserved.has(whole) ? marked(whole, `${whole} as a stream`) : fitting(whole);
}

/** The columns' names, in order. */
export function columnNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const fitted = systemColumns.has(name) ? marked(name, name) : fitting(name);
    const chosen = taken.has(fitted) ? marked(fitted, `${name}#${taken.size}`) : fitted;
    taken.add(chosen);
    return chosen;
  });
}
