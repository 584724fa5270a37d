// Filter expressions of strings and of yesno: lists, wildcards, negations, EMPTY and NULL.
// https://cloud.google.com/looker/docs/filter-expressions

export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

interface Term {
  readonly text: string;
  readonly quoted: boolean;
  readonly escaped: boolean;
}

/** The parts between commas; `"..."` and `^` keep a comma in its part. */
function termsOf(expression: string): Term[] {
  const terms: Term[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|((?:\^[\s\S]|[^,^])*))\s*(?:,|$)/gy;
  while (pattern.lastIndex < expression.length) {
    const found = pattern.exec(expression);
    if (!found) return [{ text: expression.trim(), quoted: false, escaped: false }];
    const [, quoted, plain = ''] = found;
    if (quoted !== undefined)
      terms.push({ text: quoted.replaceAll('""', '"'), quoted: true, escaped: false });
    else terms.push({ text: plain.trim(), quoted: false, escaped: plain.includes('^') });
  }
  return terms.filter(({ text, quoted }) => quoted || text !== '');
}

const unescaped = (text: string): string => text.replace(/\^([\s\S])/g, '$1');

/** SQL of a string filter over an expression; undefined where every value is welcome. */
export function stringFilter(sql: string, expression: string): string | undefined {
  const terms = termsOf(expression);
  if (terms.length === 0) return undefined;
  const wanted: string[] = [];
  const unwanted: string[] = [];
  for (const term of terms) {
    const negative = !term.quoted && term.text.startsWith('-');
    const condition = conditionOf(sql, negative ? { ...term, text: term.text.slice(1) } : term);
    (negative ? unwanted : wanted).push(condition);
  }
  // NULL is not equal to anything: Looker keeps it unless NULL itself is excluded.
  const isNull = `${sql} IS NULL`;
  const refused = unwanted.map((condition) =>
    condition === isNull ? `NOT (${condition})` : `(NOT (${condition}) OR ${isNull})`,
  );
  const parts = [...(wanted.length > 0 ? [`(${wanted.join(' OR ')})`] : []), ...refused];
  return parts.join(' AND ');
}

function conditionOf(sql: string, { text, quoted }: Term): string {
  if (!quoted && text === 'NULL') return `${sql} IS NULL`;
  if (!quoted && text === 'EMPTY') return `(${sql} IS NULL OR LENGTH(${sql}) = 0)`;
  const wildcard = !quoted && /(?<!\^)[%_]/.test(text) && /(?<!\^)%/.test(text);
  if (!wildcard) return `${sql} = ${literal(quoted ? text : unescaped(text))}`;
  const pattern = text.replace(
    /\^([\s\S])|([\\_])/g,
    (_, kept: string | undefined, special: string | undefined) => {
      if (special !== undefined) return special === '_' ? '\\_' : '\\\\';
      return kept === '%' || kept === '_' || kept === '\\' ? `\\${kept}` : (kept ?? '');
    },
  );
  return `${sql} LIKE ${literal(pattern)}`;
}

/** SQL of a yesno filter; undefined where both are welcome, false where the expression is none. */
export function yesnoFilter(sql: string, expression: string): string | undefined | false {
  const word = expression.trim().toLowerCase();
  if (word === '' || word === 'any value') return undefined;
  if (word === 'yes' || word === 'true') return sql;
  if (word === 'no' || word === 'false') return `NOT COALESCE(${sql}, FALSE)`;
  return false;
}
