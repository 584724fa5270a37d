// Names as a semantic model takes them: legal, unique without regard to case, always the same ones.
import { createHash } from 'node:crypto';

/** "Push datasets limitations" and the naming rules of tables: 1 to 100 characters, these and any beyond ASCII. */
const refusedInTables = /[^\t\n\r #\-0-9@A-Z^_a-z~\u0080-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const longestTable = 100;

/** A table called exactly "Date" breaks in the service; ours come with their own names. */
const ownTables = ['Calendar', 'AgingBucket', '_sync'] as const;

export function tableName(name: string, namespace?: string): string {
  const whole = namespace ? `${namespace}_${name}` : name;
  const plain = whole.replace(refusedInTables, '_').trim();
  if (plain.toLowerCase() === 'date') return `${plain}s`;
  if (ownTables.some((own) => own.toLowerCase() === plain.toLowerCase())) return `${plain}_data`;
  if (plain !== '' && plain === whole && [...plain].length <= longestTable) return plain;
  return `${[...plain].slice(0, longestTable - 7).join('') || 'table'}_${suffixOf(whole)}`;
}

/** Square brackets delimit names in DAX. */
export const columnName = (name: string): string =>
  name
    .replace(/\[/g, '(')
    .replace(/\]/g, ')')
    .replace(/\p{Cc}/gu, '_')
    .trim() || `column_${suffixOf(name)}`;

/** The name itself, or with a suffix when it is taken; what is taken is folded, and grows. */
export function unique(name: string, taken: Set<string>, from = name): string {
  let found = name;
  for (let round = 0; taken.has(found.toLowerCase()); round += 1)
    found = `${[...name].slice(0, longestTable - 8).join('')}_${suffixOf(`${from}${round || ''}`)}`;
  taken.add(found.toLowerCase());
  return found;
}

const suffixOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6);
