// A proxy in front of PostgreSQL that cuts the connection at scripted statements, before or after they are carried out.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { FaultScript } from '../emulators/faults.ts';

export interface CuttingProxy {
  readonly port: number;
  /** Matched against `QUERY` and the statement, or `COPY` and the end of its data. */
  readonly faults: FaultScript;
  /** What may be cut, in order: statements, and the ends of their data. */
  readonly statements: readonly string[];
  close(): Promise<void>;
}

export async function startCuttingProxy(target: { host: string; port: number }): Promise<CuttingProxy> {
  const faults = new FaultScript();
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const reader = messageReader();
    const line = { deaf: false };
    client.on('data', (chunk: Buffer) => {
      for (const message of line.deaf ? [] : reader(chunk))
        if (!pass(message, line)) return void client.destroy();
        else upstream.write(message.bytes);
    });
    upstream.on('data', (chunk: Buffer) => {
      // The work is done when the server answers.
      if (line.deaf) client.destroy();
      else client.write(chunk);
    });
  });
  /** False: the connection is cut before the server hears of it; `deaf`: its answer is to be lost. */
  const pass = ({ type, bytes }: ClientMessage, line: { deaf: boolean }): boolean => {
    const text = type === 'Q' ? bytes.subarray(5, -1).toString() : '';
    const fault =
      type === 'Q' ? faults.take('QUERY', text) : type === 'c' ? faults.take('COPY', '') : undefined;
    if (type === 'Q' || type === 'c') statements.push(text || 'end of COPY');
    line.deaf = fault?.kind === 'cut' && fault.when === 'after';
    return fault === undefined || line.deaf;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    statements,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface ClientMessage {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts what a client sends into messages; the first has no type. */
function messageReader(): (chunk: Buffer) => ClientMessage[] {
  let waiting = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    const messages: ClientMessage[] = [];
    for (;;) {
      const head = started ? 1 : 0;
      if (waiting.length < head + 4) return messages;
      const length = head + waiting.readInt32BE(head);
      if (waiting.length < length) return messages;
      const type = started ? String.fromCharCode(waiting[0] ?? 0) : 'startup';
      messages.push({ type, bytes: Buffer.from(waiting.subarray(0, length)) });
      waiting = waiting.subarray(length);
      started = true;
    }
  };
}
