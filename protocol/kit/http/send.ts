// Sends a request over the network and reads the whole answer.
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ConnectorError, systemError } from '../../errors.ts';
import type { HttpRequest, HttpResponse, Send } from './http.ts';
import { LostAnswer } from './lost-answer.ts';
import { hostOf, purposeOf } from './purpose.ts';
import { decompress, ENCODINGS, httpResponse } from './response.ts';

/** One attempt as it ended. */
export interface Sent {
  readonly request: HttpRequest;
  /** Undefined: no answer came. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** Size of the answer's body as it came over the wire, in bytes. */
  readonly bytes: number;
}

export interface HttpSendOptions {
  /** Names the program and its version; vendors ask for it. */
  readonly userAgent: string;
  readonly onSent?: (sent: Sent) => void;
}

/**
 * The innermost `Send`: no redirects followed, gzip, deflate and br undone, proxies taken from HTTP_PROXY, HTTPS_PROXY
 * and NO_PROXY (never for loopback). Without an answer it rejects with a LostAnswer that names host and purpose, or
 * with the signal's reason.
 */
export function httpSend({ userAgent, onSent }: HttpSendOptions): Send {
  return async function send(request) {
    const began = performance.now();
    let status: number | undefined;
    let bytes = 0;
    const body = open(request.body);
    try {
      const { answer, raw } = await exchange(request, body, userAgent);
      status = answer.statusCode;
      bytes = raw.length;
      return await respond(request, answer, raw);
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      throw error instanceof ConnectorError ? error : explained(error, request, body);
    } finally {
      if (body.content instanceof Readable) body.content.destroy();
      onSent?.({ request, status, milliseconds: performance.now() - began, bytes });
    }
  };
}

interface OpenBody {
  readonly content: string | Uint8Array | Readable | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The error of the stream itself: a file that vanished is not a failure of the network. */
  broken: unknown;
}

function open(body: HttpRequest['body']): OpenBody {
  if (body === undefined) return { content: null, headers: {}, broken: undefined };
  if (typeof body === 'string' || body instanceof Uint8Array)
    return { content: body, headers: {}, broken: undefined };
  const content = body.open();
  const opened: OpenBody = { content, headers: { 'content-length': String(body.length) }, broken: undefined };
  content.on('error', (error) => {
    opened.broken ??= error;
  });
  return opened;
}

async function exchange(
  request: HttpRequest,
  body: OpenBody,
  userAgent: string,
): Promise<{ answer: Dispatcher.ResponseData; raw: Buffer }> {
  request.signal?.throwIfAborted();
  const { client, dispatcher } = await network();
  const answer = await client.request(request.url, {
    method: request.method,
    headers: {
      // What goes elsewhere as it comes is not undone here.
      'accept-encoding': request.into ? 'identity' : ENCODINGS,
      'user-agent': userAgent,
      ...request.headers,
      ...body.headers,
    },
    body: body.content,
    signal: request.signal ?? null,
    dispatcher,
  });
  if (request.into && answer.statusCode >= 200 && answer.statusCode < 300) {
    refusePacked(request, answer);
    await request.into(answer.body);
    return { answer, raw: Buffer.alloc(0) };
  }
  const raw = Buffer.from(await answer.body.arrayBuffer());
  return { answer, raw };
}

function refusePacked(request: HttpRequest, { headers, body }: Dispatcher.ResponseData): void {
  const encoding = String(headers['content-encoding'] ?? 'identity');
  if (encoding === 'identity') return;
  body.on('error', () => undefined).destroy();
  throw systemError(
    `Cannot ${purposeOf(request)} from "${hostOf(request)}": the answer is packed with "${encoding}" although that was not asked for, look for a proxy that does it`,
  );
}

async function respond(
  request: HttpRequest,
  answer: Dispatcher.ResponseData,
  raw: Buffer,
): Promise<HttpResponse> {
  const headers = flat(answer.headers);
  const subject = `Cannot ${purposeOf(request)} from "${hostOf(request)}"`;
  const body = await decompress(raw, headers['content-encoding']);
  return httpResponse(answer.statusCode, headers, { body, subject });
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(pairs);
}

function explained(error: unknown, request: HttpRequest, { broken }: OpenBody): Error {
  const wanted = `Cannot ${purposeOf(request)}`;
  const cause = broken ?? error;
  const code = codeOf(cause);
  const found = code ?? (cause instanceof Error ? cause.message : String(cause));
  if (broken !== undefined && code?.startsWith('UND_ERR') !== true)
    return systemError(`${wanted}: the body to upload could not be read (${found})`, { cause });
  if (code !== undefined && DEFECTS.has(code))
    return systemError(`${wanted}: the request to "${hostOf(request)}" is malformed (${found})`, { cause });
  const arrived = !(code !== undefined && NEVER_ARRIVED.has(code));
  return new LostAnswer(
    `${wanted}: no answer from "${hostOf(request)}" (${found}), check the network and try again`,
    {
      arrived,
      cause,
    },
  );
}

/** Errors raised before a byte of the request was sent. */
const NEVER_ARRIVED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const DEFECTS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_INVALID_URL',
  'UND_ERR_NOT_SUPPORTED',
]);

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Happy Eyeballs wraps the errors of each address in one AggregateError.
  const first = error instanceof AggregateError ? codeOf(error.errors[0]) : undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? first;
}

interface Network {
  readonly client: typeof import('undici');
  readonly dispatcher: Dispatcher;
}

let loaded: Promise<Network> | undefined;

/** Loads the client when something is first sent, so that `spec` starts without it. */
function network(): Promise<Network> {
  loaded ??= import('undici').then((client) => ({
    client,
    dispatcher: new client.EnvHttpProxyAgent({
      noProxy: [process.env.no_proxy ?? process.env.NO_PROXY ?? '', 'localhost', '127.0.0.1', '[::1]'].join(
        ',',
      ),
      // Deadlines belong to the `timeout` layer; these only catch stacks without one.
      headersTimeout: 900_000,
      bodyTimeout: 300_000,
    }),
  }));
  return loaded;
}
