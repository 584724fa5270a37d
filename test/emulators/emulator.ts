// What every emulator shares: a loopback HTTP server with a request log, scripted faults and a clock.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type FaultAction, FaultScript } from './faults.ts';

/** One request as it arrived, with the status that was answered (0: the connection was cut). */
export interface LoggedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly at: number;
  status: number;
  answer: Answer | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface EmulatorRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Handle = (request: EmulatorRequest) => Answer | Promise<Answer>;

export interface Emulator {
  /** http://127.0.0.1:PORT, without a trailing slash. */
  readonly url: string;
  readonly requests: LoggedRequest[];
  readonly faults: FaultScript;
  readonly clock: Clock;
  close(): Promise<void>;
}

/**
 * Serves `handle` on a free loopback port. `keepBodies: false` logs requests without their bodies (large uploads);
 * a function decides per request. A HEAD answer may name the content-length a GET would have.
 */
export async function startEmulator(
  handle: Handle,
  {
    clock,
    port = 0,
    keepBodies = true,
  }: { clock: Clock; port?: number; keepBodies?: boolean | ((method: string, url: URL) => boolean) },
): Promise<Emulator> {
  const requests: LoggedRequest[] = [];
  const faults = new FaultScript();
  const keeps = typeof keepBodies === 'function' ? keepBodies : () => keepBodies;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`);
    const method = incoming.method ?? 'GET';
    const body = await readBody(incoming);
    const logged: LoggedRequest = {
      method,
      url,
      headers: incoming.headers,
      body: keeps(method, url) ? body : Buffer.alloc(0),
      at: clock.now(),
      status: 0,
      answer: undefined,
    };
    requests.push(logged);
    const fault = faults.take(method, url.pathname + url.search);
    if (fault?.kind === 'cut' && fault.when === 'before') return void response.destroy();
    if (fault?.kind === 'delay') await clock.sleep(fault.milliseconds);
    const answer =
      fault?.kind === 'answer' ? fault : await handle({ method, url, headers: incoming.headers, body });
    if (fault?.kind === 'cut') return void response.destroy();
    logged.status = answer.status;
    logged.answer = answer;
    if (method === 'HEAD') sendHead(response, answer);
    else send(response, answer, fault);
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`Emulator defect: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
  // Node closes a connection that was idle for five seconds, on a busy machine just as the next request is on its way.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    clock,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer, fault: FaultAction | undefined): void {
  let body = answer.body === undefined ? Buffer.alloc(0) : Buffer.from(answer.body);
  if (fault?.kind === 'truncate') body = body.subarray(0, Math.floor(body.length / 2));
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(body.length) });
  response.end(body);
}

function sendHead(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body ?? '')), ...headers });
  response.end();
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
