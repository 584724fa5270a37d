// QuickBooks' faults: both spellings, also inside a 200, and what they mean to the person who runs this.
import {
  type ConnectorError,
  configError,
  isObject,
  systemError,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import type { HttpResponse, Layer } from '@airbyte/cdk-typescript-shim/kit';

/** The first error of a fault; `code` without padding zeros. */
export interface Fault {
  readonly code: string;
  readonly type: string;
  readonly message: string;
  readonly detail: string;
}

/** The fault in a body or in an item of a batch, in either casing; undefined where there is none. */
export function faultIn(body: unknown): Fault | undefined {
  const fault = isObject(body) ? (body.Fault ?? body.fault) : undefined;
  if (!isObject(fault)) return undefined;
  const errors = fault.Error ?? fault.error;
  const [first] = Array.isArray(errors) ? errors : [errors];
  const error = isObject(first) ? first : {};
  return {
    code: String(error.code ?? '').replace(/^0+(?=\d)/, ''),
    type: String(fault.type ?? ''),
    message: String(error.Message ?? error.message ?? ''),
    detail: String(error.Detail ?? error.detail ?? ''),
  };
}

export function faultOf(response: HttpResponse): Fault | undefined {
  if (!/^\s*\{/.test(response.text())) return undefined;
  try {
    return faultIn(response.json());
  } catch {
    return undefined;
  }
}

const STATUSES: Readonly<Record<string, number>> = {
  ...{ 100: 401, 110: 401, 120: 401, 3200: 401 },
  ...{ 130: 403, 3100: 403, 3201: 403 },
  ...{ 3001: 429, 10000: 500, 10100: 500, 10200: 500 },
};

/** The status a fault deserves, whatever status it came with. */
export const statusOf = ({ code, type }: Fault): number =>
  STATUSES[code] ?? (type === 'SystemFault' ? 500 : 400);

/** Gives a 200 that holds a fault the status it deserves, so that outer layers retry, refresh and fail as they should. */
export function honestStatus(): Layer {
  return (next) =>
    async function honest(request) {
      const response = await next(request);
      if (response.status !== 200 && response.status !== 403) return response;
      // Only a small body can be a fault alone: pages of rows are not parsed for it twice.
      const fault = response.body.length < 20_000 ? faultOf(response) : undefined;
      if (!fault) return response;
      return fault.code === '3001' || response.status === 200
        ? { ...response, status: statusOf(fault) }
        : response;
    };
}

export interface Wanted {
  /** `read invoices` */
  readonly purpose: string;
  readonly environment: 'production' | 'sandbox';
  readonly realm: string;
}

interface Told {
  readonly status: number;
  readonly body: string;
  readonly detail: string;
}

/** A fault as an error whose message says what to do; undefined leaves it to the table of statuses. */
export function explained(fault: Fault, wanted: Wanted, told: Told): ConnectorError | undefined {
  const cannot = `Cannot ${wanted.purpose}`;
  switch (fault.code) {
    case '3200':
    case '100':
    case '110':
      return configError(
        `${cannot}: QuickBooks rejects the token even after a refresh, the consent is gone: log in again with "source-quickbooks login"`,
        told,
      );
    case '120':
      return configError(
        `${cannot}: the person who gave consent is no longer an administrator of company "${wanted.realm}", restore the role or let an administrator log in with "source-quickbooks login"`,
        told,
      );
    case '3100':
      return configError(`${cannot}: ${told.status === 404 ? wrongRealm(wanted) : wrongKeys(wanted)}`, told);
    case '3201':
    case '130':
      return configError(`${cannot}: ${wrongRealm(wanted)}`, told);
    case '6190':
      return configError(
        `${cannot}: the subscription of company "${wanted.realm}" has ended, renew it in QuickBooks`,
        told,
      );
    case '10200':
      return configError(
        `${cannot}: company "${wanted.realm}" was reset in QuickBooks, read it again without a state`,
        told,
      );
    default:
      return refused(fault, cannot, told);
  }
}

/** What is about one entity alone. */
function refused({ code, message, detail }: Fault, cannot: string, told: Told): ConnectorError | undefined {
  const said = `${message}${detail && detail !== message ? ` (${detail})` : ''}`;
  if (code === '5020')
    return configError(
      `${cannot}: the person who gave consent may not see it (5020), raise the role in QuickBooks or leave the stream out`,
      told,
    );
  if (code === '5030')
    return configError(
      `${cannot}: the plan of the company does not include it (5030), leave the stream out`,
      told,
    );
  if (code === '10100')
    return transientError(
      `${cannot}: QuickBooks finds the result too large, try again with fewer rows`,
      told,
    );
  if (/^(2000|4000|4001)$/.test(code))
    return configError(
      `${cannot}: QuickBooks does not know this query here (${code}: ${said.slice(0, 200)}), leave the stream out`,
      told,
    );
  if (told.status === 400)
    return systemError(`${cannot}: QuickBooks answered fault ${code || '?'}: ${said.slice(0, 300)}`, told);
  return undefined;
}

/** The same answer for keys of the other kind and for a company without consent. */
function wrongKeys({ environment, realm }: Wanted): string {
  const [right, wrong, reached, other] =
    environment === 'production'
      ? ['production', 'development', 'sandbox', 'sandbox']
      : ['development', 'production', 'real', 'production'];
  return `the app may not read company "${realm}" (3100), use ${right} keys: ${wrong} keys reach ${reached} companies only (then set "environment" to "${other}"); if the keys are right, correct "realm_id" or log in again and choose this company`;
}

export const wrongRealm = ({ realm }: Pick<Wanted, 'realm'>): string =>
  `the consent is not for company "${realm}", correct "realm_id" or log in again with "source-quickbooks login"`;
