// `login`: the consent flow at a terminal, and a ready config written for its owner alone.
import { once } from 'node:events';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline/promises';
import {
  configError,
  type LoginCallback,
  type LoginPorts,
  type Source,
  transientError,
} from '../../index.ts';
import type { Command } from '../run.ts';
import { openContext } from './context.ts';

export const login =
  (source: Source<never>, file: string): Command =>
  async (run) => {
    if (!source.login)
      throw configError(`Cannot log in: ${source.name} needs no consent, fill in its config`);
    const context = await openContext(source, { run, file, partial: true });
    const config = await source.login(context, terminalPorts(run.stop.signal));
    const draft = `${file}.new`;
    await writeFile(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, file);
    process.stderr.write(`Wrote ${file}. Try it: ${source.name} check --config ${file}\n`);
    return 0;
  };

const terminalPorts = (signal: AbortSignal): LoginPorts => ({
  listen: listenOnLoopback,
  async open(url) {
    process.stderr.write(`Give your consent at this address:\n\n  ${url}\n\n`);
    if (!process.stderr.isTTY) return;
    const { default: openBrowser } = await import('open');
    // Without a browser the printed address is enough.
    await openBrowser(url).catch(() => undefined);
  },
  async choose(question, options) {
    const [only] = options;
    if (only && options.length === 1) return [only.value];
    const lines = options.map(({ label }, index) => `  ${index + 1}  ${label}`);
    process.stderr.write(`${question}\n${lines.join('\n')}\n`);
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await terminal.question('Numbers separated by commas, or "all": ', { signal });
      return picked(
        answer,
        options.map(({ value }) => value),
      );
    } finally {
      terminal.close();
    }
  },
});

function picked(answer: string, values: readonly string[]): readonly string[] {
  if (answer.trim().toLowerCase() === 'all') return values;
  const chosen = answer.split(',').map((part) => values[Number(part.trim()) - 1]);
  if (chosen.some((value) => value === undefined))
    throw configError(`Cannot use the answer "${answer}": give numbers from 1 to ${values.length}, or "all"`);
  return chosen.filter((value) => value !== undefined);
}

/** Waits for the redirect on http://localhost:PORT/callback (Xero allows localhost, not 127.0.0.1, for tests). */
async function listenOnLoopback(port: number): Promise<LoginCallback> {
  const server = createServer();
  const arrived = new Promise<URL>((resolve) => {
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname !== '/callback') return void response.writeHead(404).end();
      answer(response, url);
      resolve(url);
    });
  });
  server.listen(port, 'localhost');
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([error]) => {
      throw configError(`Cannot listen on port ${port} for the consent: ${(error as Error).message}`);
    }),
  ]);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/callback`,
    wait: (milliseconds) => Promise.race([arrived, expiry(milliseconds)]),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(response: ServerResponse, url: URL): void {
  const text = url.searchParams.has('error')
    ? 'The consent was refused. You can close this page.'
    : 'Thank you. You can close this page and go back to the terminal.';
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', connection: 'close' });
  response.end(`<!doctype html><title>Ledgerpipe</title><p>${text}</p>`);
}

const expiry = (milliseconds: number): Promise<never> =>
  new Promise((_, reject) => {
    const message = `No consent came within ${Math.round(milliseconds / 60_000)} minutes: run login again`;
    setTimeout(() => reject(transientError(message)), milliseconds).unref();
  });
