// How answers leave: as JSON or XML, compressed or not, always with their transaction id.
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { toXml } from './xml.ts';

const compress = promisify(gzip);

/** A new intuit_tid. */
export function transactionId(now: number): string {
  return `1-${Math.floor(now / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

/** JSON for clients that ask for it; otherwise what the switch says. */
function wantsJson({ headers }: EmulatorRequest, { defaultRepresentation }: QuickbooksSwitches): boolean {
  const accept = (headers.accept ?? '').toLowerCase();
  if (accept.includes('application/json')) return true;
  return defaultRepresentation === 'json' && !accept.includes('xml');
}

/** The answer in the form the client asked for. */
export async function delivered(
  { status, json }: { status: number; json: string },
  {
    request,
    switches,
    headers,
  }: { request: EmulatorRequest; switches: QuickbooksSwitches; headers: Record<string, string> },
): Promise<Answer> {
  const asJson = wantsJson(request, switches);
  const type = asJson ? 'application/json;charset=UTF-8' : 'application/xml;charset=UTF-8';
  const body = Buffer.from(asJson ? json : toXml(json));
  const all = {
    ...headers,
    'content-type': type,
    'cache-control': 'no-cache, no-store',
    'qbo-version': '1.0',
  };
  const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  if (!switches.gzip || !accepts || body.length < 1024) return { status, headers: all, body };
  const packed = await compress(body, { level: constants.Z_BEST_SPEED });
  return { status, headers: { ...all, 'content-encoding': 'gzip', vary: 'accept-encoding' }, body: packed };
}
