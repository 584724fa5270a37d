// A reading position in a token list: looks ahead, takes what it expects, and fails the way Databricks does.
import type { SqlFailure } from './errors.ts';
import { syntaxError, type Token } from './tokens.ts';

const end: Token = { kind: 'end', value: '', text: '', offset: 0, spaced: false };

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #index = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? this.#tokens.at(-1) ?? end;
  }

  next(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** Whether these words come next, in this order. */
  at(...words: readonly string[]): boolean {
    return words.every((value, ahead) => {
      const token = this.peek(ahead);
      return token.kind === 'word' && token.value === value;
    });
  }

  /** Whether the next token is one of these words. */
  atAny(words: ReadonlySet<string>): boolean {
    return this.peek().kind === 'word' && words.has(this.peek().value);
  }

  /** Takes these words if they come next. */
  take(...words: readonly string[]): boolean {
    if (!this.at(...words)) return false;
    this.#index += words.length;
    return true;
  }

  expect(...words: readonly string[]): void {
    for (const value of words) if (!this.take(value)) throw this.error();
  }

  atSymbol(value: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.value === value;
  }

  takeSymbol(value: string): boolean {
    if (!this.atSymbol(value)) return false;
    this.#index += 1;
    return true;
  }

  expectSymbol(value: string): void {
    if (!this.takeSymbol(value)) throw this.error();
  }

  string(): string {
    if (this.peek().kind !== 'string') throw this.error();
    return this.next().value;
  }

  /** `item, item, ...` */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(',')) items.push(item());
    return items;
  }

  /** `(item, item, ...)` */
  parenthesized<T>(item: () => T): T[] {
    this.expectSymbol('(');
    const items = this.list(item);
    this.expectSymbol(')');
    return items;
  }

  /** A place to come back to, and the text between two of them. */
  mark(): number {
    return this.#index;
  }

  reset(mark: number): void {
    this.#index = mark;
  }

  textSince(mark: number): string {
    const tokens = this.#tokens.slice(mark, this.#index);
    return tokens.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('');
  }

  mentions(value: string): boolean {
    return this.#tokens.some((token) => token.value.toLowerCase() === value);
  }

  /** PARSE_SYNTAX_ERROR at the next token. */
  error(token: Token = this.peek()): SqlFailure {
    return syntaxError(this.#text, token.offset, token.text);
  }
}
