// Recursive descent over DAX tokens: one method for each level of precedence.
import { instantOf } from '../cells.ts';
import { fail } from './errors.ts';
import { type Token, tokensOf } from './tokens.ts';
import type { DefinedMeasure, Expr, Operator, Query, Variable } from './tree.ts';

/** `DEFINE ... EVALUATE table ORDER BY ...` */
export const parseQuery = (text: string): Query => new Parser(text).query();

/** The expression of a measure. */
export const parseExpression = (text: string): Expr => new Parser(text).whole();

const comparisons: readonly string[] = ['=', '==', '<>', '<', '>', '<=', '>='];

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  query(): Query {
    const measures: DefinedMeasure[] = [];
    const variables: Variable[] = [];
    if (this.#word('DEFINE'))
      while (!this.#isWord('EVALUATE')) {
        if (this.#word('MEASURE')) measures.push(this.#measure());
        else if (this.#isWord('VAR')) variables.push(this.#variable());
        else fail(`DEFINE: '${this.#now.text}' is not supported, MEASURE and VAR are.`);
      }
    if (!this.#word('EVALUATE')) fail('Query: it must begin with EVALUATE or DEFINE.');
    const table = this.#expression();
    const order: { by: Expr; descending: boolean }[] = [];
    if (this.#word('ORDER')) {
      if (!this.#word('BY')) fail('Query: ORDER must be followed by BY.');
      do {
        const by = this.#expression();
        const descending = this.#word('DESC');
        if (!descending) this.#word('ASC');
        order.push({ by, descending });
      } while (this.#symbol(','));
    }
    this.#end('Query: one EVALUATE is expected, without START AT');
    return { measures, variables, table, order };
  }

  whole(): Expr {
    const expression = this.#expression();
    this.#end('Expression: it should end here');
    return expression;
  }

  #measure(): DefinedMeasure {
    const { kind, text: table } = this.#take();
    const name = this.#take();
    if ((kind !== 'table' && kind !== 'word') || name.kind !== 'column')
      fail("DEFINE MEASURE: a name such as 'Table'[Measure] is expected.");
    this.#expect('=');
    return { table, name: name.text, expression: this.#expression() };
  }

  #variable(): Variable {
    this.#take();
    const { kind, text: name } = this.#take();
    if (kind !== 'word') fail(`VAR: '${name}' is no name.`);
    this.#expect('=');
    return { name, value: this.#expression() };
  }

  #expression(): Expr {
    if (!this.#isWord('VAR')) return this.#or();
    const variables: Variable[] = [];
    while (this.#isWord('VAR')) variables.push(this.#variable());
    if (!this.#word('RETURN')) fail('VAR: RETURN is missing.');
    return { kind: 'let', variables, result: this.#expression() };
  }

  #or(): Expr {
    let left = this.#and();
    while (this.#symbol('||')) left = { kind: 'binary', operator: '||', left, right: this.#and() };
    return left;
  }

  #and(): Expr {
    let left = this.#not();
    while (this.#symbol('&&')) left = { kind: 'binary', operator: '&&', left, right: this.#not() };
    return left;
  }

  #not(): Expr {
    return this.#word('NOT') ? { kind: 'not', operand: this.#not() } : this.#comparison();
  }

  #comparison(): Expr {
    const items = this.#tuple();
    if (this.#word('IN')) return { kind: 'in', items, set: this.#concatenation() };
    let [left = fail('Query: an expression is missing.')] = items;
    if (items.length > 1) fail('Query: a list in parentheses is only allowed before IN.');
    while (this.#now.kind === 'symbol' && comparisons.includes(this.#now.text)) {
      const operator = this.#take().text as Operator;
      left = { kind: 'binary', operator, left, right: this.#concatenation() };
    }
    if (this.#word('IN')) return { kind: 'in', items: [left], set: this.#concatenation() };
    return left;
  }

  /** `(a, b)` before IN, or one expression. */
  #tuple(): Expr[] {
    const start = this.#at;
    if (this.#symbol('(')) {
      const items = [this.#expression()];
      while (this.#symbol(',')) items.push(this.#expression());
      if (items.length > 1 && this.#symbol(')')) return items;
      this.#at = start;
    }
    return [this.#concatenation()];
  }

  #concatenation(): Expr {
    let left = this.#sum();
    while (this.#symbol('&')) left = { kind: 'binary', operator: '&', left, right: this.#sum() };
    return left;
  }

  #sum(): Expr {
    let left = this.#product();
    for (;;) {
      const operator = this.#symbol('+') ? '+' : this.#symbol('-') ? '-' : undefined;
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.#product() };
    }
  }

  #product(): Expr {
    let left = this.#signed();
    for (;;) {
      const operator = this.#symbol('*') ? '*' : this.#symbol('/') ? '/' : undefined;
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.#signed() };
    }
  }

  /** The power binds closer than the sign before it. */
  #signed(): Expr {
    if (this.#symbol('-')) return { kind: 'sign', operand: this.#signed() };
    if (this.#symbol('+')) return this.#signed();
    const left = this.#primary();
    return this.#symbol('^') ? { kind: 'binary', operator: '^', left, right: this.#signed() } : left;
  }

  #primary(): Expr {
    const token = this.#take();
    switch (token.kind) {
      case 'number':
        return { kind: 'value', value: numberOf(token.text) };
      case 'string':
        return { kind: 'value', value: token.text };
      case 'instant':
        return { kind: 'value', value: literalInstant(token.text) };
      case 'column':
        return { kind: 'column', table: undefined, name: token.text };
      case 'table':
      case 'word':
        return this.#named(token);
      default:
        break;
    }
    if (token.text === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (token.text === '{') return this.#rows();
    return fail(`Query: '${token.text}' is not expected here.`);
  }

  #named({ kind, text }: Token): Expr {
    if (this.#now.kind === 'column') return { kind: 'column', table: text, name: this.#take().text };
    if (kind === 'table' || !this.#symbol('(')) return { kind: 'name', name: text, quoted: kind === 'table' };
    const args: (Expr | undefined)[] = [];
    if (this.#symbol(')')) return { kind: 'call', name: text.toUpperCase(), args };
    do {
      const skipped = this.#now.text === ',' || this.#now.text === ')';
      args.push(skipped && this.#now.kind === 'symbol' ? undefined : this.#expression());
    } while (this.#symbol(','));
    this.#expect(')');
    return { kind: 'call', name: text.toUpperCase(), args };
  }

  #rows(): Expr {
    const rows: Expr[][] = [];
    do rows.push(this.#tuple());
    while (this.#symbol(','));
    this.#expect('}');
    if (rows.some(({ length }) => length !== rows[0]?.length))
      fail('Table constructor: all rows need as many values.');
    return { kind: 'rows', rows };
  }

  get #now(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #take(): Token {
    const token = this.#now;
    this.#at += 1;
    return token;
  }

  #isWord(word: string): boolean {
    return this.#now.kind === 'word' && this.#now.text.toUpperCase() === word;
  }

  #word(word: string): boolean {
    const found = this.#isWord(word);
    if (found) this.#at += 1;
    return found;
  }

  #symbol(symbol: string): boolean {
    const found = this.#now.kind === 'symbol' && this.#now.text === symbol;
    if (found) this.#at += 1;
    return found;
  }

  #expect(symbol: string): void {
    if (!this.#symbol(symbol)) fail(`Query: '${symbol}' is expected before '${this.#now.text}'.`);
  }

  #end(wanted: string): void {
    if (this.#now.kind !== 'end') fail(`${wanted}, but '${this.#now.text}' follows.`);
  }
}

/** Literals are integers or doubles; an exact decimal only comes from a column or from CURRENCY. */
function numberOf(text: string): number {
  const number = Number(text);
  return /^\d+$/.test(text) && !Number.isSafeInteger(number)
    ? fail(`Number ${text} is too long to be exact here.`)
    : number;
}

function literalInstant(text: string) {
  const at = Date.parse(`${text.replace(' ', 'T')}${/[T ]/.test(text) ? '' : 'T00:00'}Z`);
  return Number.isNaN(at) ? fail(`dt"${text}" is no date.`) : instantOf(at);
}
