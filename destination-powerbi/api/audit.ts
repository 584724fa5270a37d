// Every attempt that failed, as a structured line for the audit: what Power BI answered, in full, and its RequestId.
import type { Clock, HttpResponse, Layer } from '@airbyte/cdk-typescript-shim/kit';

/** What a request carries for the log beside itself; never row values, tokens or secrets. */
export interface AuditFacts {
  readonly table?: string;
  readonly batch?: string;
  readonly sequence?: number;
  readonly rows?: number;
  readonly bytes?: number;
}

export type Audit = (entry: Readonly<Record<string, unknown>>) => void;

/** Facts travel beside a request, by identity of its headers, which layers pass on or extend. */
export const factsHeader = 'x-ledgerpipe-facts';

/** Place it innermost: it takes the facts off the request before they could leave. */
export function audited({ clock, audit }: { readonly clock: Clock; readonly audit: Audit }): Layer {
  return (next) =>
    async function observed(request) {
      const { [factsHeader]: facts, ...headers } = request.headers ?? {};
      const base = () => ({
        event: 'request failed',
        at: new Date(clock.now()).toISOString(),
        method: request.method,
        url: request.url.split('?')[0],
        ...(facts === undefined ? {} : (JSON.parse(facts) as AuditFacts)),
      });
      try {
        const response = await next({ ...request, headers });
        const expected = response.status < 400 || request.accept?.includes(response.status);
        if (!expected) audit({ ...base(), ...answerOf(response) });
        return response;
      } catch (error) {
        audit({ ...base(), error: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    };
}

/** Headers that Microsoft's support asks for, and the whole body. */
const answerOf = (response: HttpResponse): Readonly<Record<string, unknown>> => ({
  status: response.status,
  requestId: response.headers.requestid ?? response.headers['x-ms-request-id'] ?? null,
  homeCluster: response.headers['home-cluster-uri'] ?? null,
  retryAfter: response.headers['retry-after'] ?? null,
  body: response.text().slice(0, 16_000),
});
