// The grammar of statements: SELECT * | COUNT(*) FROM Entity [WHERE …] [ORDERBY …] [STARTPOSITION n] [MAXRESULTS m].
import { queryInvalid, queryUnparsable } from './errors.ts';
import { type Token, tokensOf } from './query-tokens.ts';
import type { QuickbooksSwitches } from './switches.ts';

export type Comparison = '=' | '<' | '>' | '<=' | '>=' | 'LIKE' | 'IN';

export interface Condition {
  readonly field: string;
  readonly how: Comparison;
  readonly values: readonly string[];
}

export interface Statement {
  readonly select: '*' | 'COUNT' | readonly string[];
  readonly entity: string;
  readonly where: readonly Condition[];
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
  readonly start: number;
  readonly max: number;
}

const CLAUSES = new Set(['WHERE', 'ORDERBY', 'ORDER', 'STARTPOSITION', 'MAXRESULTS']);
const COMPARISONS = new Set(['=', '<', '>', '<=', '>=', 'LIKE', 'IN']);

/** Reads tokens one by one. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(statement: string) {
    this.#tokens = tokensOf(statement);
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '' };
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  /** Is the next word this keyword, in any case? Takes it if so. */
  took(word: string): boolean {
    const { kind, value } = this.next;
    const found = (kind === 'word' && value.toUpperCase() === word) || (kind === 'mark' && value === word);
    if (found) this.#at += 1;
    return found;
  }

  need(word: string): void {
    const { value } = this.next;
    if (!this.took(word)) throw queryUnparsable(`Encountered "${value || '<EOF>'}", was expecting "${word}"`);
  }

  name(): string {
    const token = this.take();
    if (token.kind !== 'word')
      throw queryUnparsable(`Encountered "${token.value || '<EOF>'}", was expecting a name`);
    return token.value;
  }
}

/** Parses a statement; 4000 when it breaks the grammar, 4001 when a number is out of range. */
export function parseStatement(
  statement: string,
  { switches, cap }: { switches: QuickbooksSwitches; cap: number },
): Statement {
  const reader = new Reader(statement);
  reader.need('SELECT');
  const select = selection(reader, switches);
  reader.need('FROM');
  const entity = reader.name();
  const where = reader.took('WHERE') ? conditions(reader) : [];
  const order = ordering(reader);
  const paging = pages(reader, { switches, cap });
  if (reader.next.kind !== 'end') throw queryUnparsable(`Encountered "${reader.next.value}" after the end`);
  return { select, entity, where, order, ...paging };
}

function selection(reader: Reader, { projections }: QuickbooksSwitches): Statement['select'] {
  if (reader.took('*')) return '*';
  if (reader.took('COUNT')) {
    for (const mark of ['(', '*', ')']) reader.need(mark);
    return 'COUNT';
  }
  const names = [reader.name()];
  while (reader.took(',')) names.push(reader.name());
  if (!projections) throw queryUnparsable(`Encountered "${names[0]}", was expecting "*" or "COUNT(*)"`);
  return names;
}

function conditions(reader: Reader): Condition[] {
  const found = [condition(reader)];
  while (reader.took('AND')) found.push(condition(reader));
  const { kind, value } = reader.next;
  if (kind === 'word' && !CLAUSES.has(value.toUpperCase()))
    throw queryUnparsable(`Encountered "${value}": only AND joins conditions`);
  return found;
}

function condition(reader: Reader): Condition {
  const field = reader.name();
  const how = reader.take().value.toUpperCase();
  if (!COMPARISONS.has(how)) throw queryUnparsable(`Encountered "${how}", was expecting an operator`);
  if (how !== 'IN') return { field, how: how as Comparison, values: [literal(reader)] };
  reader.need('(');
  const values = [literal(reader)];
  while (reader.took(',')) values.push(literal(reader));
  reader.need(')');
  return { field, how: 'IN', values };
}

function literal(reader: Reader): string {
  const { kind, value } = reader.take();
  if (kind === 'text' || kind === 'number') return value;
  if (kind === 'word' && /^(true|false)$/i.test(value)) return value.toLowerCase();
  throw queryUnparsable(`Encountered "${value || '<EOF>'}", was expecting a value in single quotes`);
}

function ordering(reader: Reader): Statement['order'] {
  if (reader.took('ORDER')) reader.need('BY');
  else if (!reader.took('ORDERBY')) return [];
  const found: { field: string; descending: boolean }[] = [];
  do {
    const field = reader.name();
    const descending = reader.took('DESC');
    if (!descending) reader.took('ASC');
    found.push({ field, descending });
  } while (reader.took(','));
  return found;
}

function pages(
  reader: Reader,
  { switches, cap }: { switches: QuickbooksSwitches; cap: number },
): Pick<Statement, 'start' | 'max'> {
  let [start, max] = [1, 100];
  while (reader.next.kind === 'word') {
    if (reader.took('STARTPOSITION'))
      start = whole(reader, switches.startPositionZero === 'tolerated' ? 0 : 1);
    else if (reader.took('MAXRESULTS')) max = whole(reader, 1);
    else throw queryUnparsable(`Encountered "${reader.next.value}"`);
  }
  if (max > cap && switches.maxResultsAboveCap === 'rejected')
    throw queryInvalid(`value ${max} is too large. Max allowed value is ${cap}`);
  return { start: Math.max(1, start), max: Math.min(max, cap) };
}

function whole(reader: Reader, least: number): number {
  const { kind, value } = reader.take();
  if ((kind !== 'number' && kind !== 'text') || !/^-?\d+$/.test(value))
    throw queryUnparsable(`Encountered "${value}", was expecting a whole number`);
  const number = Number(value);
  if (number < least) throw queryInvalid(`value ${value} is too small. Min allowed value is 1`);
  return number;
}
