// Cuts a statement of the query language into words, texts, numbers and marks.
import { queryUnparsable } from './errors.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'mark' | 'end';
  readonly value: string;
}

const PATTERN =
  /\s+|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)(?![\w-])|([A-Za-z_][\w.]*)|(<=|>=|[(),=<>*])|(.)/gsu;

export function tokensOf(statement: string): Token[] {
  const tokens: Token[] = [];
  for (const [whole, text, number, word, mark, other] of statement.matchAll(PATTERN)) {
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replace(/\\(.)/gs, '$1') });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (mark !== undefined) tokens.push({ kind: 'mark', value: mark });
    else if (other !== undefined && whole.trim() !== '') throw queryUnparsable(`Encountered "${other}"`);
  }
  return [...tokens, { kind: 'end', value: '' }];
}
