// Numbers as text: how many digits one has, exactly, whatever its notation.

/** Digits before and after the point of a decimal numeral, e.g. 3 and 2 for `-123.450` and for `12345e-2`. */
const parts = `regexp_extract(u, '^[+-]?([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]{1,4}))?$', ['i', 'f', 'e'])`;
const digits = `(${parts}.i || ${parts}.f)`;
const point = `(strlen(${parts}.i) + coalesce(try_cast(${parts}.e AS INTEGER), 0))`;
const isNumeral = `regexp_full_match(u, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?')`;

/**
 * SQL macros, to be run once per database: `numeral_scale(u)` is the number of digits after the point that `u` needs,
 * `numeral_whole(u)` those before it; both are NULL for a text that is no numeral.
 */
export const numeralMacros: readonly string[] = [
  `CREATE MACRO numeral_scale(u) AS CASE WHEN ${isNumeral}
    THEN CASE WHEN ltrim(${digits}, '0') = '' THEN 0
      ELSE greatest(0, strlen(rtrim(${digits}, '0')) - ${point}) END END`,
  `CREATE MACRO numeral_whole(u) AS CASE WHEN ${isNumeral}
    THEN CASE WHEN ltrim(${digits}, '0') = '' THEN 0
      ELSE greatest(0, ${point} - (strlen(${digits}) - strlen(ltrim(${digits}, '0')))) END END`,
];

/** JSON's true and false count as 1 and 0 in a column of numbers, as DuckDB reads them into a DOUBLE. */
export const numeral = (text: string): string =>
  `CASE ${text} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE trim(replace(${text}, '_', '')) END`;

/** The most digits that a decimal of the products can have. */
export const mostDigits = 38;
