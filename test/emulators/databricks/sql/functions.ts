// The functions statements may call, each as engine SQL; a name that is not here cannot be resolved.
import { failure } from './errors.ts';
import { literal } from './types.ts';
import type { World } from './world.ts';

interface FunctionRule {
  readonly min: number;
  readonly max: number;
  readonly sql: (args: readonly string[], world: World) => string;
}

const call = (name: string) => (args: readonly string[]) => `${name}(${args.join(', ')})`;
const same = (name: string, min: number, max = min): FunctionRule => ({ min, max, sql: call(name) });
const rule = (min: number, max: number, sql: FunctionRule['sql']): FunctionRule => ({ min, max, sql });
const renamed = (engine: string, min: number, max = min): FunctionRule => rule(min, max, call(engine));
const any = Number.POSITIVE_INFINITY;

const instant = (world: World): string => `TIMESTAMPTZ ${literal(new Date(world.now).toISOString())}`;
const text = (value: string | undefined): string => `CAST(${value ?? 'NULL'} AS VARCHAR)`;

const sha2 = rule(2, 2, ([value, bits]) => {
  if (bits === '256' || bits === '0') return `sha256(${value})`;
  throw failure('INVALID_PARAMETER_VALUE', `sha2 takes 256 bits here, found ${bits}.`);
});

const rules: Readonly<Record<string, FunctionRule>> = {
  // Conditions
  coalesce: same('coalesce', 1, any),
  nvl: renamed('coalesce', 2),
  ifnull: renamed('coalesce', 2),
  nullif: same('nullif', 2),
  nvl2: rule(3, 3, ([test, yes, no]) => `CASE WHEN ${test} IS NOT NULL THEN ${yes} ELSE ${no} END`),
  if: rule(3, 3, ([test, yes, no]) => `CASE WHEN ${test} THEN ${yes} ELSE ${no} END`),
  iff: rule(3, 3, ([test, yes, no]) => `CASE WHEN ${test} THEN ${yes} ELSE ${no} END`),
  isnull: rule(1, 1, ([value]) => `(${value} IS NULL)`),
  isnotnull: rule(1, 1, ([value]) => `(${value} IS NOT NULL)`),
  greatest: same('greatest', 2, any),
  least: same('least', 2, any),
  // Text
  // Unlike the engine's own, one NULL makes the result NULL.
  concat: rule(1, any, (args) => `(${args.map((arg) => text(arg)).join(' || ')})`),
  concat_ws: same('concat_ws', 1, any),
  upper: same('upper', 1),
  lower: same('lower', 1),
  trim: same('trim', 1),
  ltrim: same('ltrim', 1),
  rtrim: same('rtrim', 1),
  length: same('length', 1),
  char_length: renamed('length', 1),
  substring: same('substring', 2, 3),
  substr: renamed('substring', 2, 3),
  left: same('left', 2),
  right: same('right', 2),
  replace: same('replace', 3),
  lpad: same('lpad', 3),
  rpad: same('rpad', 3),
  reverse: same('reverse', 1),
  repeat: same('repeat', 2),
  contains: same('contains', 2),
  startswith: renamed('starts_with', 2),
  endswith: renamed('ends_with', 2),
  instr: same('instr', 2),
  split: renamed('string_split_regex', 2),
  regexp_replace: rule(3, 3, ([value, pattern, by]) => `regexp_replace(${value}, ${pattern}, ${by}, 'g')`),
  regexp_extract: rule(
    2,
    3,
    ([value, pattern, group = '1']) => `regexp_extract(${value}, ${pattern}, ${group})`,
  ),
  regexp_like: renamed('regexp_matches', 2),
  md5: same('md5', 1),
  sha1: same('sha1', 1),
  sha: renamed('sha1', 1),
  sha2,
  hex: same('hex', 1),
  unhex: same('unhex', 1),
  base64: rule(1, 1, ([value]) => `base64(CAST(${value} AS BLOB))`),
  unbase64: renamed('from_base64', 1),
  uuid: same('uuid', 0),
  // Numbers
  abs: same('abs', 1),
  round: same('round', 1, 2),
  ceil: same('ceil', 1),
  ceiling: renamed('ceil', 1),
  floor: same('floor', 1),
  mod: rule(2, 2, ([left, right]) => `(${left} % ${right})`),
  pmod: rule(2, 2, ([left, right]) => `(((${left} % ${right}) + ${right}) % ${right})`),
  power: same('power', 2),
  pow: renamed('power', 2),
  sqrt: same('sqrt', 1),
  sign: same('sign', 1),
  // Dates and instants; "now" is the emulator's clock, the same for the whole statement.
  current_timestamp: rule(0, 0, (_, world) => instant(world)),
  now: rule(0, 0, (_, world) => instant(world)),
  current_date: rule(0, 0, (_, world) => `CAST(${instant(world)} AS DATE)`),
  date_add: rule(2, 2, ([date, days]) => `CAST(CAST(${date} AS DATE) + CAST(${days} AS INTEGER) AS DATE)`),
  date_sub: rule(2, 2, ([date, days]) => `CAST(CAST(${date} AS DATE) - CAST(${days} AS INTEGER) AS DATE)`),
  datediff: rule(2, 2, ([end, start]) => `date_diff('day', CAST(${start} AS DATE), CAST(${end} AS DATE))`),
  add_months: rule(
    2,
    2,
    ([date, n]) => `CAST(CAST(${date} AS DATE) + to_months(CAST(${n} AS INTEGER)) AS DATE)`,
  ),
  date_trunc: same('date_trunc', 2),
  last_day: same('last_day', 1),
  year: same('year', 1),
  quarter: same('quarter', 1),
  month: same('month', 1),
  day: same('day', 1),
  dayofmonth: same('dayofmonth', 1),
  hour: same('hour', 1),
  minute: same('minute', 1),
  second: same('second', 1),
  to_date: rule(1, 1, ([value]) => `memory.main.dbx_cast_date(${value})`),
  to_timestamp: rule(1, 1, ([value]) => `memory.main.dbx_cast_timestamp(${value})`),
  try_to_timestamp: rule(1, 1, ([value]) => `memory.main.dbx_try_timestamp(${value})`),
  unix_timestamp: rule(
    1,
    1,
    ([value]) => `CAST(floor(epoch(memory.main.dbx_cast_timestamp(${value}))) AS BIGINT)`,
  ),
  timestamp_seconds: rule(1, 1, ([value]) => `to_timestamp(${value})`),
  timestamp_micros: rule(1, 1, ([value]) => `make_timestamptz(${value})`),
  // Nested values and JSON
  array: rule(0, any, (args) => `[${args.join(', ')}]`),
  size: renamed('len', 1),
  array_contains: renamed('list_contains', 2),
  named_struct: rule(2, any, (args) => `{${pairs(args)}}`),
  to_json: rule(1, 1, ([value]) => text(`to_json(${value})`)),
  parse_json: rule(1, 1, ([value]) => `CAST(${value} AS JSON)`),
  try_parse_json: rule(1, 1, ([value]) => `TRY_CAST(${value} AS JSON)`),
  get_json_object: same('json_extract_string', 2),
  // Aggregates
  count_if: same('count_if', 1),
  sum: same('sum', 1),
  avg: same('avg', 1),
  mean: renamed('avg', 1),
  min: same('min', 1),
  max: same('max', 1),
  min_by: same('min_by', 2),
  max_by: same('max_by', 2),
  any_value: same('any_value', 1),
  first: renamed('first', 1),
  last: renamed('last', 1),
  bool_and: same('bool_and', 1),
  every: renamed('bool_and', 1),
  bool_or: same('bool_or', 1),
  some: renamed('bool_or', 1),
  collect_list: rule(1, 1, ([value]) => `list(${value})`),
  array_agg: rule(1, 1, ([value]) => `list(${value})`),
  approx_count_distinct: same('approx_count_distinct', 1),
  // Windows
  row_number: same('row_number', 0),
  rank: same('rank', 0),
  dense_rank: same('dense_rank', 0),
  lag: same('lag', 1, 3),
  lead: same('lead', 1, 3),
  first_value: same('first_value', 1),
  last_value: same('last_value', 1),
  ntile: same('ntile', 1),
  // Session
  current_user: rule(0, 0, (_, world) => literal(world.user)),
  session_user: rule(0, 0, (_, world) => literal(world.user)),
  current_catalog: rule(0, 0, (_, world) => literal(world.catalog)),
};

/** Engine SQL of a call. Throws UNRESOLVED_ROUTINE or WRONG_NUM_ARGS. */
export function callSql(name: string, args: readonly string[], world: World): string {
  const known = rules[name.toLowerCase()];
  if (!known)
    throw failure(
      'UNRESOLVED_ROUTINE',
      `Cannot resolve routine \`${name}\` on search path [\`system\`.\`builtin\`].`,
    );
  if (args.length < known.min || args.length > known.max) {
    const wanted = known.min === known.max ? `${known.min}` : `${known.min} to ${known.max}`;
    throw failure(
      'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
      `The \`${name}\` requires ${wanted} parameters but the actual number is ${args.length}.`,
    );
  }
  return known.sql(args, world);
}

function pairs(args: readonly string[]): string {
  const entries: string[] = [];
  for (let at = 0; at + 1 < args.length; at += 2) entries.push(`${args[at]}: ${args[at + 1]}`);
  return entries.join(', ');
}
