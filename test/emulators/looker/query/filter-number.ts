// Filter expressions of numbers: values, comparisons, intervals, ranges, NOT, NULL, AND and OR.
// https://cloud.google.com/looker/docs/filter-expressions#number

const NUMBER = '-?\\d+(?:\\.\\d+)?';

/** SQL of a number filter; undefined where every value is welcome, false where the expression is none. */
export function numberFilter(sql: string, expression: string): string | undefined | false {
  const text = expression.trim();
  if (text === '' || /^any value$/i.test(text)) return undefined;
  const either = splitOutside(text, /^(?:,|\s+OR\s+)/i);
  const wanted: string[] = [];
  const unwanted: string[] = [];
  for (const term of either) {
    const negative = /^(?:NOT\s+|<>|!=)\s*/i.exec(term);
    const condition = conjunction(sql, negative ? term.slice(negative[0].length) : term);
    if (condition === undefined) return false;
    if (!negative) wanted.push(condition);
    else
      unwanted.push(
        condition === `${sql} IS NULL` ? `${sql} IS NOT NULL` : `(NOT (${condition}) OR ${sql} IS NULL)`,
      );
  }
  return [...(wanted.length > 0 ? [`(${wanted.join(' OR ')})`] : []), ...unwanted].join(' AND ');
}

function conjunction(sql: string, text: string): string | undefined {
  const conditions = text.split(/\s+AND\s+/i).map((part) => condition(sql, part.trim()));
  return conditions.includes(undefined) ? undefined : conditions.join(' AND ');
}

function condition(sql: string, text: string): string | undefined {
  if (/^NULL$/i.test(text)) return `${sql} IS NULL`;
  const plain = new RegExp(`^(>=|<=|>|<|=)?\\s*(${NUMBER})$`).exec(text);
  if (plain) return `${sql} ${plain[1] ?? '='} ${plain[2]}`;
  const range = new RegExp(`^(${NUMBER})\\s+to\\s+(${NUMBER})$`, 'i').exec(text);
  if (range) return `(${sql} >= ${range[1]} AND ${sql} <= ${range[2]})`;
  const interval = new RegExp(
    `^([[(])\\s*(${NUMBER}|-?inf)?\\s*,\\s*(${NUMBER}|inf)?\\s*([\\])])$`,
    'i',
  ).exec(text);
  if (!interval) return undefined;
  const [, open, low, high, close] = interval;
  const bounds = [
    ...(low && !/inf/i.test(low) ? [`${sql} ${open === '[' ? '>=' : '>'} ${low}`] : []),
    ...(high && !/inf/i.test(high) ? [`${sql} ${close === ']' ? '<=' : '<'} ${high}`] : []),
  ];
  return bounds.length > 0 ? `(${bounds.join(' AND ')})` : `${sql} IS NOT NULL`;
}

/** Parts at a separator that stands outside of brackets. */
function splitOutside(text: string, separator: RegExp): string[] {
  const parts = [''];
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const found = depth === 0 ? separator.exec(text.slice(at)) : null;
    if (found) {
      parts.push('');
      at += found[0].length;
      continue;
    }
    const sign = text[at] ?? '';
    if ('[('.includes(sign)) depth += 1;
    if ('])'.includes(sign)) depth -= 1;
    parts[parts.length - 1] += sign;
    at += 1;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}
