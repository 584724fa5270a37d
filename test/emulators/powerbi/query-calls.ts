// executeQueries: one DAX query over the visible rows, with its caps, its byte order mark and its errors (powerbi.md 5).
import type { Answer } from '../emulator.ts';
import type { Routes } from '../routes.ts';
import { emptyError, pbiError, plainError } from './answers.ts';
import { type Cell, decimalText, Instant, instantText } from './cells.ts';
import { parsed } from './dataset-calls.ts';
import { DaxError } from './dax/errors.ts';
import { type QueryResult, runQuery } from './dax/query.ts';
import type { Parts } from './parts.ts';
import { fieldsIn } from './query-body.ts';

/** Rows, values and bytes of one answer, calls of one identity in a minute (powerbi.md 5). */
const most = { rows: 100_000, values: 1_000_000, bytes: 15 * 1024 * 1024, calls: 120 };
const minute = 60_000;

export function queryCalls(parts: Parts): Routes {
  const { access, datasets, switches, tenant, clock } = parts;
  let calls: number[] = [];
  const count = (): void => {
    const now = clock.now();
    calls = calls.filter((at) => at > now - minute);
    const wait = Math.ceil(((calls[0] ?? now) + minute - now) / 1000);
    if (calls.length >= most.calls)
      throw plainError(
        429,
        `You have exceeded the amount of requests allowed in the current time frame and further requests will fail. Retry in ${wait} seconds.`,
        {
          'retry-after': String(wait),
        },
      );
    calls.push(now);
  };
  return {
    'POST /groups/*/datasets/*/executeQueries': async ({ body }, [group = '', id = '']) => {
      access.workspace(group, 'read');
      const dataset = datasets.find(group, id);
      if (!tenant.executeQueries) throw pbiError(401, 'PowerBINotAuthorizedException');
      if (dataset.mode === 'Import' || (!switches.queriesOnPush && dataset.mode !== 'DirectLake'))
        throw emptyError(403);
      count();
      const { query, includeNulls } = fieldsIn(parsed(body));
      await dataset.load?.();
      try {
        return answer(runQuery(query, { model: dataset, now: clock.now(), switches }), includeNulls);
      } catch (error) {
        if (!(error instanceof DaxError)) throw error;
        throw pbiError(400, 'DatasetExecuteQueriesError', {
          DetailsMessage: error.message,
          AnalysisServicesErrorCode: '3239575574',
        });
      }
    },
  };
}

/** What goes beyond the caps is left out, and an error inside the answer says so. */
function answer({ columns, rows }: QueryResult, includeNulls: boolean): Answer {
  const keys = columns.map((name) => JSON.stringify(name));
  const texts: string[] = [];
  let values = 0;
  let bytes = 0;
  let told = '';
  for (const row of rows) {
    const text = `{${keys.flatMap((key, index) => field(key, row[index] ?? null, includeNulls)).join(',')}}`;
    values += columns.length;
    bytes += Buffer.byteLength(text) + 1;
    if (texts.length >= most.rows) told = `More than ${most.rows} rows were requested.`;
    else if (values > most.values) told = `More than ${most.values} values were requested.`;
    else if (bytes > most.bytes) told = `The result is larger than ${most.bytes} bytes.`;
    if (told !== '') break;
    texts.push(text);
  }
  const error =
    told === ''
      ? ''
      : `,"error":${JSON.stringify({ code: 'ResultTruncated', message: `${told} The results were truncated.` })}`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `\ufeff{"results":[{"tables":[{"rows":[${texts.join(',')}]${error}}]}]}`,
  };
}

function field(key: string, cell: Cell, includeNulls: boolean): string[] {
  if (cell === null) return includeNulls ? [`${key}:null`] : [];
  if (typeof cell === 'bigint') return [`${key}:${decimalText(cell).replace(/\.?0+$/, '')}`];
  return [`${key}:${JSON.stringify(cell instanceof Instant ? instantText(cell) : cell)}`];
}
