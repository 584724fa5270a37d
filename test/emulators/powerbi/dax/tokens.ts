// DAX text as tokens.
import { fail } from './errors.ts';

export type Token =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string' | 'table' | 'column' | 'word' | 'symbol' | 'instant'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' };

const patterns: readonly (readonly [Token['kind'] | 'skip', RegExp])[] = [
  ['skip', /(?:\s|\ufeff|\/\/[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['instant', /dt"([^"]*)"/iy],
  ['string', /"((?:[^"]|"")*)"/y],
  ['table', /'((?:[^']|'')+)'/y],
  ['column', /\[((?:[^\]]|\]\])+)\]/y],
  ['number', /((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['word', /([\p{L}_][\p{L}\p{N}_.]*)/uy],
  ['symbol', /(&&|\|\||<=|>=|<>|==|[=<>+\-*/^&(),{}])/y],
];

const doubled: Partial<Record<Token['kind'], readonly [string, string]>> = {
  string: ['""', '"'],
  table: ["''", "'"],
  column: [']]', ']'],
};

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = next(text, at);
    if (!found) return fail(`Query: the syntax near '${text.slice(at, at + 20)}' is not understood.`);
    at = found.end;
    if (found.token) tokens.push(found.token);
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function next(text: string, at: number): { token: Token | undefined; end: number } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) continue;
    const end = pattern.lastIndex;
    if (kind === 'skip') return { token: undefined, end };
    const [from, to] = doubled[kind] ?? ['', ''];
    const inner = found[1] ?? '';
    return { token: { kind, text: from === '' ? inner : inner.replaceAll(from, to) } as Token, end };
  }
  return undefined;
}
