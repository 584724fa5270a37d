// How answers leave: as JSON or XML, laid out or not, compressed or not, and counted as egress.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { prettyCrlf, toXml } from './json.ts';
import type { XeroSwitches } from './switches.ts';

const compress = promisify(gzip);

/** Bytes of answers about organisations: before and after compression. The Organisation endpoint is exempt. */
export interface Egress {
  raw: number;
  sent: number;
}

/** XML unless the client asks for JSON. */
export function wantsJson({ headers }: EmulatorRequest): boolean {
  return (headers.accept ?? '').toLowerCase().includes('application/json');
}

/** A successful reply in the form the client asked for. */
export function formatted(json: Buffer, request: EmulatorRequest, { pretty }: XeroSwitches): Answer {
  if (wantsJson(request)) {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    return { status: 200, headers, body: pretty ? prettyCrlf(json.toString('utf8')) : json };
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: toXml(json.toString('utf8'), 'Response'),
  };
}

/** Compresses bodies above 1 kB at the fastest level for clients that accept gzip. */
export async function packed(
  answer: Answer,
  request: EmulatorRequest,
  switches: XeroSwitches,
): Promise<Answer> {
  const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  if (!switches.gzip || !accepts || answer.body === undefined || answer.body.length < 1024) return answer;
  const body = await compress(answer.body, { level: constants.Z_BEST_SPEED });
  return {
    ...answer,
    headers: { ...answer.headers, 'content-encoding': 'gzip', vary: 'accept-encoding' },
    body,
  };
}
