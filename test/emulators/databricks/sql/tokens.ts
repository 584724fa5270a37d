// Databricks SQL text cut into tokens: backtick names, both kinds of string literal with their escapes, numbers, markers.
import type { Switches } from '../switches.ts';
import { failure, type SqlFailure } from './errors.ts';

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'parameter' | 'symbol' | 'end';
  /** Upper-case for words, unescaped for names and strings, without the colon for parameters. */
  readonly value: string;
  /** As written. */
  readonly text: string;
  readonly offset: number;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

const symbols = [
  '<=>',
  '?::',
  '::',
  '=>',
  '->',
  '<=',
  '>=',
  '<>',
  '!=',
  '==',
  '||',
  ...'(),.;+-*/%=<>![]:&|^~',
];
const blank = /(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/y;
const word = /[A-Za-z_]\w*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?(?!\w)/iy;
const name = /`((?:[^`]|``)*)`/y;
const parameter = /:([A-Za-z_]\w*)/y;
const rawString = /[rR](?:'([^']*)'|"([^"]*)")/y;

/** The tokens of one text, ending with one of kind `end`. Throws PARSE_SYNTAX_ERROR on text no token starts with. */
export function tokenize(text: string, switches: Pick<Switches, 'doubledQuote'>): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  for (;;) {
    const skipped = matchAt(blank, text, offset)?.[0].length ?? 0;
    offset += skipped;
    const found = readToken(text, offset, tokens.at(-1));
    const { kind, value, length } = found;
    tokens.push({ kind, value, text: text.slice(offset, offset + length), offset, spaced: skipped > 0 });
    if (kind === 'end') return joinLiterals(tokens, switches);
    offset += length;
  }
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

interface Found {
  readonly kind: Token['kind'];
  readonly value: string;
  readonly length: number;
}

/** What each pattern makes of its match, tried in this order. */
const patterns: readonly (readonly [Token['kind'], RegExp, (found: RegExpExecArray) => string])[] = [
  ['string', rawString, (found) => found[1] ?? found[2] ?? ''],
  ['name', name, (found) => (found[1] ?? '').replaceAll('``', '`')],
  ['word', word, (found) => found[0].toUpperCase()],
  ['number', number, (found) => found[0].toUpperCase()],
];

function readToken(text: string, offset: number, previous: Token | undefined): Found {
  const start = text[offset];
  if (start === undefined) return { kind: 'end', value: '', length: 0 };
  if (start === "'" || start === '"') return { kind: 'string', ...readString(text, offset) };
  for (const [kind, pattern, value] of patterns) {
    const found = matchAt(pattern, text, offset);
    if (found) return { kind, value: value(found), length: found[0].length };
  }
  const marker = startsOperand(previous) ? matchAt(parameter, text, offset) : null;
  if (marker) return { kind: 'parameter', value: marker[1] ?? '', length: marker[0].length };
  const symbol = symbols.find((candidate) => text.startsWith(candidate, offset));
  if (symbol === undefined) throw syntaxError(text, offset, start);
  return { kind: 'symbol', value: symbol, length: symbol.length };
}

/** PARSE_SYNTAX_ERROR as recorded: the place, then an excerpt with carets. */
export function syntaxError(text: string, offset: number, near: string): SqlFailure {
  const before = text.slice(0, offset).split('\n');
  const line = before.length;
  const position = before.at(-1)?.length ?? 0;
  const end = near === '' ? 'end of input' : `'${near}'`;
  const lines = text.split('\n');
  const excerpt = [...lines.slice(0, line), `${'-'.repeat(position)}^^^`, ...lines.slice(line)];
  return failure(
    'PARSE_SYNTAX_ERROR',
    `Syntax error at or near ${end}.`,
    ` (line ${line}, pos ${position})\n\n== SQL ==\n${excerpt.join('\n').slice(0, 4096)}`,
  );
}

/** A colon after an operand is a path or a struct field, never a parameter marker. */
function startsOperand(previous: Token | undefined): boolean {
  if (!previous) return true;
  if (previous.kind === 'symbol') return ![')', ']'].includes(previous.value);
  return previous.kind === 'word';
}

/** Adjacent literals are one literal; `''` between two is a quote or nothing, which versions disagree about. */
function joinLiterals(tokens: readonly Token[], { doubledQuote }: Pick<Switches, 'doubledQuote'>): Token[] {
  const joined: Token[] = [];
  for (const token of tokens) {
    const last = joined.at(-1);
    if (token.kind !== 'string' || last?.kind !== 'string') {
      joined.push(token);
      continue;
    }
    const quote = !token.spaced && last.text.at(-1) === token.text[0] && doubledQuote === 'quote';
    const value = last.value + (quote ? (token.text[0] ?? '') : '') + token.value;
    joined[joined.length - 1] = { ...last, value, text: `${last.text}${token.text}` };
  }
  return joined;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  // The backslash stays before LIKE's own wildcards.
  '%': '\\%',
  _: '\\_',
};

function readString(text: string, start: number): { value: string; length: number } {
  const quote = text[start];
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === quote) return { value, length: at + 1 - start };
    if (character !== '\\') {
      value += character;
      continue;
    }
    const code = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/.exec(text.slice(at + 1, at + 10));
    if (code) {
      value += String.fromCodePoint(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', code[3] ? 8 : 16));
      at += code[0].length;
    } else {
      const next = text[at + 1] ?? '';
      value += escapes[next] ?? next;
      at += 1;
    }
  }
  throw syntaxError(text, start, quote ?? '');
}
