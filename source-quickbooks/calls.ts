// The only calls this source ever makes: reads of one company. The scope of the token would allow writes.
import { isObject, systemError } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, Layer } from '@airbyte/cdk-typescript-shim/kit';

/** Below /v3/company/{realm}: CompanyInfo of the company itself, queries, change data capture, reports. */
const READS = [/^companyinfo\/\d+$/, /^query$/, /^cdc$/, /^reports\/[A-Za-z]+$/];

/** Refuses every request that is not a read, whoever made it. Place it innermost, so that nothing can follow. */
export function readsOnly(): Layer {
  return (next) =>
    async function reading(request) {
      if (!isRead(request))
        throw systemError(
          `Cannot call ${request.method} "${URL.canParse(request.url) ? new URL(request.url).pathname : ''}": this source only reads`,
        );
      return await next(request);
    };
}

export function isRead({ method, url, body }: HttpRequest): boolean {
  if (!URL.canParse(url)) return false;
  const { pathname, searchParams } = new URL(url);
  const path = /\/v3\/company\/\d+\/(.+)$/.exec(pathname)?.[1];
  if (path === undefined || searchParams.has('operation') || searchParams.has('include')) return false;
  if (method === 'GET' && body === undefined) return READS.some((pattern) => pattern.test(path));
  return method === 'POST' && path === 'batch' && isBatchOfQueries(body);
}

/** Every item of the batch is a SELECT, and nothing else is in it. */
function isBatchOfQueries(body: HttpRequest['body']): boolean {
  if (typeof body !== 'string') return false;
  const batch = parsed(body);
  const items = isObject(batch) && Object.keys(batch).length === 1 ? batch.BatchItemRequest : undefined;
  return (
    Array.isArray(items) &&
    items.every(
      (item) =>
        isObject(item) &&
        Object.keys(item).every((key) => key === 'bId' || key === 'Query') &&
        typeof item.Query === 'string' &&
        /^select\s/i.test(item.Query),
    )
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
