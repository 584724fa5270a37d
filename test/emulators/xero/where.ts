// The `where` language: parsed for real, checked against an endpoint's fields, and compiled to a predicate.
import { queryError } from './errors.ts';
import type { Field, FieldType, FieldValue } from './fields.ts';
import { type Token, tokenize } from './where-tokens.ts';

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Clause =
  | { readonly kind: 'and' | 'or'; readonly left: Clause; readonly right: Clause }
  | { readonly kind: 'not'; readonly of: Clause }
  | { readonly kind: 'compare'; readonly operator: Operator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'truth'; readonly of: Operand };

export type Operand =
  | { readonly kind: 'field'; readonly name: string; readonly type: FieldType }
  | { readonly kind: 'literal'; readonly value: FieldValue; readonly type: FieldType | 'null' }
  | {
      readonly kind: 'call';
      readonly method: string;
      readonly on: Operand;
      readonly argument: string;
      readonly type: FieldType;
    };

type FieldsOf = Readonly<Record<string, Field<never>>>;

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '==',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const TESTS = new Set(['Contains', 'StartsWith', 'EndsWith']);
const FOLDS = new Set(['ToLower', 'ToUpper', 'ToString']);

/** Parses `source` for an endpoint with these fields; anything else is a 400 that says what was wrong. */
export function parseWhere(source: string, fields: FieldsOf, resource: string): Clause {
  const tokens = tokenize(source);
  if (typeof tokens === 'number') throw queryError(`Syntax error '${source[tokens]}' (at index ${tokens})`);
  const parser = new Parser(tokens, fields, resource);
  return parser.whole();
}

class Parser {
  #at = 0;
  readonly #tokens: readonly Token[];
  readonly #fields: FieldsOf;
  readonly #resource: string;

  constructor(tokens: readonly Token[], fields: FieldsOf, resource: string) {
    this.#tokens = tokens;
    this.#fields = fields;
    this.#resource = resource;
  }

  whole(): Clause {
    const clause = this.#or();
    if (this.#at < this.#tokens.length) throw queryError('Syntax error: the query goes on after its end');
    return clause;
  }

  #or(): Clause {
    let left = this.#and();
    while (this.#take('||') || this.#takeWord('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Clause {
    let left = this.#single();
    while (this.#take('&&') || this.#takeWord('AND')) left = { kind: 'and', left, right: this.#single() };
    return left;
  }

  #single(): Clause {
    if (this.#take('!')) return { kind: 'not', of: this.#single() };
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    const left = this.#operand();
    const next = this.#tokens[this.#at];
    const operator = next?.kind === 'mark' ? OPERATORS[next.text] : undefined;
    if (!operator) {
      if (left.type !== 'flag') throw queryError("Expression of type 'Boolean' expected");
      return { kind: 'truth', of: left };
    }
    this.#at += 1;
    const right = this.#operand();
    this.#check(operator, left, right);
    return { kind: 'compare', operator, left, right };
  }

  #check(operator: Operator, left: Operand, right: Operand): void {
    if (left.type === right.type || left.type === 'null' || right.type === 'null') return;
    throw queryError(
      `Operator '${operator}' incompatible with operand types '${NAMES[left.type]}' and '${NAMES[right.type]}'`,
    );
  }

  #operand(): Operand {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind === 'text') return this.#calls({ kind: 'literal', type: 'text', value: token.value });
    if (token?.kind === 'number') return { kind: 'literal', type: 'number', value: token.value };
    if (token?.kind === 'name') return this.#named(token.text);
    throw queryError('Expression expected');
  }

  #named(name: string): Operand {
    const word = name.toLowerCase();
    if (word === 'true' || word === 'false') return { kind: 'literal', type: 'flag', value: word === 'true' };
    if (word === 'null') return { kind: 'literal', type: 'null', value: undefined };
    if (word === 'datetime') return this.#date();
    if (word === 'guid') return this.#guid();
    let path = name;
    while (this.#peek('.') && !this.#methodFollows()) {
      this.#at += 1;
      path += `.${this.#name()}`;
    }
    const field = this.#fields[path];
    if (!field) throw queryError(`No property or field '${path}' exists in type '${this.#resource}'`);
    return this.#calls({ kind: 'field', name: path, type: field.type });
  }

  #calls(start: Operand): Operand {
    let operand = start;
    while (this.#peek('.') && this.#methodFollows()) {
      this.#at += 1;
      const method = this.#name();
      this.#expect('(');
      const argument = TESTS.has(method) ? this.#textLiteral() : '';
      this.#expect(')');
      operand = { kind: 'call', method, on: operand, argument, type: TESTS.has(method) ? 'flag' : 'text' };
    }
    return operand;
  }

  #date(): Operand {
    // DateTime.Parse("2015-01-01") beside DateTime(2015,01,01,10,30,00).
    if (this.#take('.')) {
      if (this.#name() !== 'Parse') throw queryError("No applicable method exists in type 'DateTime'");
      this.#expect('(');
      const value = Date.parse(
        `${this.#textLiteral()}Z`.replace(/^(\d{4}-\d{2}-\d{2})Z$/, '$1T00:00:00Z').replace('ZZ', 'Z'),
      );
      this.#expect(')');
      if (Number.isNaN(value)) throw queryError('String was not recognized as a valid DateTime');
      return { kind: 'literal', type: 'date', value };
    }
    this.#expect('(');
    const parts: number[] = [];
    do {
      const token = this.#tokens[this.#at];
      this.#at += 1;
      if (token?.kind !== 'number') throw queryError("No applicable constructor exists in type 'DateTime'");
      parts.push(token.value);
    } while (this.#take(','));
    this.#expect(')');
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
    if (parts.length < 3 || month < 1 || month > 12 || day < 1 || day > 31)
      throw queryError("No applicable constructor exists in type 'DateTime'");
    return { kind: 'literal', type: 'date', value: Date.UTC(year, month - 1, day, hour, minute, second) };
  }

  #guid(): Operand {
    this.#expect('(');
    const value = this.#textLiteral().toLowerCase();
    this.#expect(')');
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))
      throw queryError('Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)');
    return { kind: 'literal', type: 'guid', value };
  }

  #methodFollows(): boolean {
    const token = this.#tokens[this.#at + 1];
    return token?.kind === 'name' && (TESTS.has(token.text) || FOLDS.has(token.text));
  }

  #textLiteral(): string {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind !== 'text') throw queryError('A quoted text is expected');
    return token.value;
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind !== 'name') throw queryError('Identifier expected');
    return token.text;
  }

  #peek(mark: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'mark' && token.text === mark;
  }

  #take(mark: string): boolean {
    if (!this.#peek(mark)) return false;
    this.#at += 1;
    return true;
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name' || token.text.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw queryError(`'${mark}' expected`);
  }
}

const NAMES: Readonly<Record<FieldType | 'null', string>> = {
  text: 'String',
  guid: 'Guid',
  number: 'Decimal',
  date: 'DateTime',
  flag: 'Boolean',
  null: 'Null',
};
