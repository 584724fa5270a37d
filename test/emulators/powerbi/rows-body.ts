// The body of POST rows: `{"rows":[...]}` turned into cells in the order of the table's columns, or a refusal.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { badRequest, odataError, type Refusal } from './answers.ts';
import type { Cell } from './cells.ts';
import { type CoercedColumn, coerce, DIGITS, Misfit } from './coerce.ts';
import type { Switches } from './switches.ts';

/** Rows of one request (powerbi.md 3). */
const mostRows = 10_000;

/** The rows of a body, not yet looked at one by one. */
export function rowsIn(body: Buffer, switches: Switches): readonly unknown[] {
  const parsed = parse(body.toString());
  if (!isObject(parsed)) throw badRequest('The body is no JSON object with "rows".', 'requestMessage');
  const unknown = Object.keys(parsed).find((name) => name !== 'rows');
  if (unknown !== undefined)
    throw badRequest(
      `The property '${unknown}' does not exist on type 'Microsoft.PowerBI.ServiceContracts.Api.PostRowsRequest'.`,
      'requestMessage',
    );
  if (!Array.isArray(parsed.rows)) throw badRequest('The property "rows" is missing.', 'requestMessage');
  if (parsed.rows.length > mostRows)
    throw odataError(switches.tooManyRowsStatus, 'InvalidRequest', {
      message: `A request may carry ${mostRows} rows, this one has ${parsed.rows.length}.`,
    });
  return parsed.rows;
}

/** Cells by row and column. Column names are told apart by case; a row that does not fit refuses the whole request. */
export function cellsOf(
  rows: readonly unknown[],
  columns: readonly CoercedColumn[],
  switches: Switches,
): Cell[][] {
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  return rows.map((row, index) => {
    if (!isObject(row)) throw misfit(`Row ${index} is no object.`, switches);
    const cells: Cell[] = columns.map(() => null);
    for (const name in row) {
      const place = places.get(name);
      const column = place === undefined ? undefined : columns[place];
      if (place === undefined || !column)
        throw misfit(`Row ${index}: column '${name}' was not found in the table.`, switches);
      try {
        cells[place] = coerce(row[name], column, switches);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        throw misfit(`Row ${index}: ${error.message}`, switches);
      }
    }
    return cells;
  });
}

function misfit(message: string, { rowErrorCode }: Switches): Refusal {
  const details = [{ message, target: 'rows' }];
  return odataError(400, rowErrorCode, { message: 'Bad request.', details });
}

/** Sixteen digits in a row, with or without a point: more than a double is sure to hold. */
const manyDigits = /[:[,]\s*-?[\d.]{16}/;
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;

/** JSON.parse that keeps all digits of long numbers, as marked text. */
function parse(text: string): unknown {
  const mark = JSON.stringify(DIGITS).slice(0, -1);
  const safe = manyDigits.test(text)
    ? text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `${mark}${token}"`))
    : text;
  try {
    return JSON.parse(safe);
  } catch {
    throw badRequest('The body is not valid JSON.', 'requestMessage');
  }
}
