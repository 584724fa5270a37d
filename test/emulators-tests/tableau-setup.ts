// What the tests of the Tableau emulator share: a server, and a client that signs in, publishes and updates.
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { startTableau, type TableauEmulator, type TableauOptions } from '../emulators/tableau/index.ts';

export type Body = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The parsed JSON; empty when there is none. */
  readonly json: Body;
  /** Tableau's code of an error. */
  readonly code: string | undefined;
}

export interface CallOptions {
  readonly json?: unknown;
  readonly xml?: string;
  readonly parts?: readonly Part[];
  readonly headers?: Record<string, string>;
  readonly token?: string | undefined;
  readonly accept?: string;
  readonly version?: string;
}

export interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly body: Buffer | string;
}

export interface Client {
  readonly emulator: TableauEmulator;
  readonly clock: FastClock;
  /** LUID of the site signed in to. */
  readonly site: string;
  readonly token: string;
  /** A call below /api/{version}. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** A call below the site. */
  on(method: string, path: string, options?: CallOptions): Promise<Reply>;
  upload(...chunks: readonly Buffer[]): Promise<string>;
  publish(name: string, file: Buffer, options?: PublishOptions): Promise<Reply>;
  /** Publishes and gives the LUID; fails the test when refused. */
  published(name: string, file: Buffer, options?: PublishOptions): Promise<string>;
  patch(source: string, actions: unknown, options?: PatchOptions): Promise<Reply>;
  /** Polls a job until it is completed. */
  finished(jobId: string): Promise<Body>;
  /** The job of an update, when it is done. */
  updated(source: string, actions: unknown, options?: PatchOptions): Promise<Body>;
}

export interface PublishOptions {
  readonly query?: string;
  readonly project?: string;
  readonly fileName?: string;
  readonly description?: string;
}

export interface PatchOptions {
  readonly payload?: Buffer;
  readonly requestId?: string;
  readonly connection?: string;
}

/** A server with a fast clock, closed when the test ends; nobody is signed in. */
export async function openServer(options: Partial<TableauOptions> & { rate?: number } = {}) {
  const { rate = 20, ...rest } = options;
  const clock = fastClock({ rate, start: Date.UTC(2026, 0, 31, 12) });
  const emulator = await startTableau({ clock, ...rest });
  onTestFinished(() => emulator.close());
  return { clock, emulator };
}

/** A server, and its first user signed in with his personal access token. */
export async function openClient(options: Partial<TableauOptions> & { rate?: number } = {}): Promise<Client> {
  const { clock, emulator } = await openServer(options);
  return { ...(await signedIn(emulator, clock)), clock };
}

export async function signedIn(
  emulator: TableauEmulator,
  clock: FastClock,
  {
    pat,
    site = emulator.config.site,
  }: { pat?: { name: string; secret: string } | undefined; site?: string } = {},
): Promise<Client> {
  const { name, secret } = pat ?? emulator.config.pat;
  const reply = await callOf(emulator)('POST', '/auth/signin', {
    json: {
      credentials: {
        personalAccessTokenName: name,
        personalAccessTokenSecret: secret,
        site: { contentUrl: site },
      },
    },
  });
  if (reply.status !== 200) throw new Error(`Sign-in answered ${reply.status}: ${reply.text}`);
  const credentials = reply.json.credentials as { token: string; site: { id: string } };
  return clientOf(emulator, { clock, token: credentials.token, site: credentials.site.id });
}

export function callOf(emulator: TableauEmulator) {
  return async (method: string, path: string, options: CallOptions = {}): Promise<Reply> => {
    const { json, xml, parts, token, accept = 'application/json', version = emulator.version } = options;
    const boundary = 'a-boundary-of-parts';
    const [type, body] =
      json !== undefined
        ? ['application/json', JSON.stringify(json)]
        : parts
          ? [`multipart/mixed; boundary=${boundary}`, multipart(parts, boundary)]
          : ['application/xml', xml];
    const response = await fetch(`${emulator.url}/api/${version}${path}`, {
      method,
      headers: {
        'content-type': type,
        accept,
        ...(token === undefined ? {} : { 'x-tableau-auth': token }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const parsed = isJson && text !== '' ? (JSON.parse(text) as Body) : {};
    const code = (parsed.error as { code?: string } | undefined)?.code;
    return { status: response.status, text, headers: response.headers, json: parsed, code };
  };
}

export function clientOf(
  emulator: TableauEmulator,
  { clock, token, site }: { clock: FastClock; token: string; site: string },
): Client {
  const plain = callOf(emulator);
  const call: Client['call'] = (method, path, options = {}) => plain(method, path, { token, ...options });
  const on: Client['on'] = (method, path, options) => call(method, `/sites/${site}${path}`, options);
  const upload: Client['upload'] = async (...chunks) => {
    const opened = await on('POST', '/fileUploads');
    const id = (opened.json.fileUpload as { uploadSessionId: string }).uploadSessionId;
    for (const chunk of chunks) {
      const reply = await on('PUT', `/fileUploads/${encodeURIComponent(id)}`, { parts: chunkParts(chunk) });
      if (reply.status !== 200) throw new Error(`The chunk was answered ${reply.status}: ${reply.text}`);
    }
    return id;
  };
  const publish: Client['publish'] = (name, file, { query = '', fileName = 'data.hyper', ...more } = {}) =>
    on('POST', `/datasources?${query}`, {
      parts: [payloadPart(name, more), { name: 'tableau_datasource', fileName, body: file }],
    });
  const patch: Client['patch'] = async (source, actions, { payload, requestId, connection } = {}) => {
    const id = payload ? encodeURIComponent(await upload(payload)) : undefined;
    const path = connection === undefined ? 'data' : `connections/${connection}/data`;
    return on('PATCH', `/datasources/${source}/${path}${id ? `?uploadSessionId=${id}` : ''}`, {
      json: { actions },
      headers: { RequestID: requestId ?? randomUUID() },
    });
  };
  const finished: Client['finished'] = async (jobId) => {
    for (;;) {
      const { status, text, json } = await on('GET', `/jobs/${jobId}`);
      if (status !== 200) throw new Error(`The job was answered ${status}: ${text}`);
      const job = json.job as Body;
      if (job.completedAt !== undefined) return job;
      await clock.sleep(200);
    }
  };
  return {
    emulator,
    clock,
    site,
    token,
    call,
    on,
    upload,
    publish,
    published: async (name, file, options) => {
      const reply = await publish(name, file, options);
      if (reply.status !== 201) throw new Error(`Publishing answered ${reply.status}: ${reply.text}`);
      return (reply.json.datasource as { id: string }).id;
    },
    patch,
    finished,
    updated: async (source, actions, options) => finished(jobOf(await patch(source, actions, options))),
  };
}

/** The job's LUID of an answer; fails the test when there is none. */
export function jobOf({ status, text, json }: Reply): string {
  const id = (json.job as { id?: string } | undefined)?.id;
  if (status !== 202 || id === undefined) throw new Error(`There is no job in ${status}: ${text}`);
  return id;
}

export const chunkParts = (chunk: Buffer): Part[] => [
  { name: 'request_payload', body: '' },
  { name: 'tableau_file', fileName: 'data.hyper', body: chunk },
];

export function payloadPart(
  name: string,
  { project, description }: { project?: string; description?: string } = {},
): Part {
  const child = project === undefined ? '' : `<project id="${project}"/>`;
  const more = description === undefined ? '' : ` description="${description}"`;
  return {
    name: 'request_payload',
    body: `<tsRequest><datasource name="${name}"${more}>${child}</datasource></tsRequest>`,
  };
}

export function multipart(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ name, fileName, body }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: name="${name}"${fileName ? `; filename="${fileName}"` : ''}\r\n` +
        `Content-Type: ${fileName ? 'application/octet-stream' : 'text/xml'}\r\n\r\n`,
    ),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}
