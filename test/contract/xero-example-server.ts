// A Xero that knows nothing but the official examples: every GET is answered with the example of its operation.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Answer, type Emulator, type EmulatorRequest, startEmulator } from '../emulators/emulator.ts';
import { matching } from './openapi.ts';
import { accounting, contractOf, ROOT } from './xero-contract.ts';
import { flow } from './xero-identity.ts';

/** The tenant of the example of the connections. */
export const exampleTenant = (): string => JSON.parse(String(connectionsExample()))[0].tenantId;

const connectionsExample = (): unknown => {
  const [match] = matching(contractOf('xero-identity.yaml').operations, {
    method: 'GET',
    path: '/Connections',
  });
  return match?.operation.example;
};

/** The example of the operation a path belongs to; undefined where the document has none. */
export function exampleOf(path: string, method: 'GET' | 'PUT' = 'GET'): unknown {
  const matches = matching(accounting().operations, { method, path });
  // {JournalID} and {JournalNumber} look the same: the source asks by id.
  const match = matches.find(({ operation }) => operation.path.endsWith('ID}')) ?? matches[0];
  return match?.operation.example;
}

export const startExamples = (clock: Clock): Promise<Emulator> =>
  startEmulator(async (request) => answerTo(request), { clock });

function answerTo({ url: { pathname } }: EmulatorRequest): Answer {
  if (pathname === flow().token)
    return json({ access_token: 'example', expires_in: 1_800, token_type: 'Bearer' });
  if (pathname === '/connections') return { ...json(null), body: String(connectionsExample()) };
  const example = pathname.startsWith(`${ROOT}/`) ? exampleOf(pathname.slice(ROOT.length)) : undefined;
  return example === undefined ? { status: 404 } : json(example);
}

const json = (body: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
