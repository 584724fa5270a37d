// The runner's image as compose runs it: it becomes healthy, shows its page to who has the token, and drains when stopped.

import assert from 'node:assert/strict';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../emulators/free-port.ts';
import { startContainer } from './buildah.ts';

const place = '/data';
const user = 1000;
const token = 'a-token-of-the-images-test';

const ask = (path: string): string =>
  `fetch(process.env.ADDRESS + '${path}', { headers: { authorization: 'Bearer ${token}' } }).then(async (answer) => console.log(answer.status, /<title>.*?<.title>|ledgerpipe_build_info{.*/.exec(await answer.text())?.[0]))`;

/** Serves the pipelines of a folder of configurations that a sync has used before. */
export async function checkServe(image: string, data: string): Promise<void> {
  const port = await freePort();
  const settings = parse(await readFile(join(data, 'ledgerpipe.yaml'), 'utf8')) as object;
  const file = join(data, 'serve.yaml');
  await writeFile(file, stringify({ ...settings, http: { listen: '0.0.0.0', port, token } }), {
    mode: 0o600,
  });
  await chown(file, user, user);
  const healthy = (await composeCheck()).replace('7460', String(port));
  const script = [
    `export ADDRESS=http://127.0.0.1:${port}`,
    `ledgerpipe serve --file ${place}/serve.yaml > ${place}/serve.log 2>&1 & runner=$!`,
    `for second in $(seq 60); do ${healthy} && break; sleep 1; done`,
    `${healthy} && echo healthy`,
    `node -e "fetch('http://127.0.0.1:${port}/').then(({ status }) => console.log('without the token', status))"`,
    `node -e ${quoted(ask('/'))}`,
    `node -e ${quoted(ask('/metrics'))}`,
    'kill -TERM $runner; wait $runner; echo "ended $?"',
  ].join('\n');
  const container = await startContainer(image);
  try {
    const said = await container.run(script, { volumes: { [place]: data } });
    const log = await readFile(join(data, 'serve.log'), 'utf8');
    assert.match(
      said,
      /^healthy\nwithout the token 401\n200 <title>.+\n200 ledgerpipe_build_info.+\nended 0\n$/,
      log,
    );
  } finally {
    await container.remove();
  }
}

/** The health check of deploy/compose, as a line for a shell. */
async function composeCheck(): Promise<string> {
  const text = await readFile(resolve(import.meta.dirname, '../../deploy/compose/compose.yaml'), 'utf8');
  const { services } = parse(text) as Compose;
  const [, ...words] = services.serve.healthcheck.test;
  return words.map(quoted).join(' ');
}

interface Compose {
  readonly services: { readonly serve: { readonly healthcheck: { readonly test: readonly string[] } } };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
