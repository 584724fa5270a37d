// What the Airbyte platform relies on in a connector's image, tried in a container of it.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, configOf, startContainer } from './buildah.ts';
import { openStores } from './stores.ts';

const missing =
  /^\{"type":"CONNECTION_STATUS","connectionStatus":\{"status":"FAILED","message":"Config field \\"\w+\\" is missing: .+"\}\}\n$/;

/** Throws at the first thing that the image of the connector in `folder` does not keep. */
export async function checkConnectorImage(folder: string, image: string): Promise<void> {
  const { version } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as { version: string };
  const { Env, Entrypoint, Labels, User, WorkingDir } = await configOf(image);
  assert.equal(Labels['io.airbyte.name'], `ledgerpipe/${folder}`);
  assert.equal(Labels['io.airbyte.version'], version);
  assert.equal(User, '1000:1000');
  assert.equal(WorkingDir, '/airbyte');
  const variable = Env.find((entry) => entry.startsWith('AIRBYTE_ENTRYPOINT='));
  assert.equal(variable, `AIRBYTE_ENTRYPOINT=${Entrypoint.join(' ')}`);
  for (const word of Entrypoint) assert.match(word, /^\//);

  const container = await startContainer(image);
  try {
    assert.equal((await container.run('id -u')).trim(), '1000');
    await container.run('echo 0 > exitCode && rm exitCode');
    await container.run(`! test -w ${Entrypoint.at(-1)}`);
    // Another working directory, as the platform gives one; the shell splits the variable into words, as there.
    const spec = await container.run('$AIRBYTE_ENTRYPOINT spec', { folder: '/tmp' });
    assert.equal(spec, await command('node', [`${folder}/dist/main.js`, 'spec']));
    // What people see of a form that is not filled in.
    const empty = 'echo {} > /tmp/empty.json && $AIRBYTE_ENTRYPOINT check --config /tmp/empty.json';
    assert.match(await container.run(empty, { folder: '/tmp' }), missing);
    const singer = folder.replace(/^source-/, 'tap-').replace(/^destination-/, 'target-');
    assert.equal((await container.run(`${singer} --version`)).trim(), `${singer} v${version}`);
  } finally {
    await container.remove();
  }
}

/** Throws unless destination-looker in this image reaches S3 and SFTP by the packages that are installed there. */
export async function checkStores(image: string): Promise<void> {
  await using stores = await openStores();
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-stores-'));
  const container = await startContainer(image);
  try {
    await chmod(folder, 0o755);
    for (const [kind, config] of Object.entries(stores.configs)) {
      await writeFile(join(folder, `${kind}.json`), JSON.stringify(config));
      const options = { volumes: { '/data': folder }, folder: '/tmp' };
      const answer = await container.run(`destination-looker check --config /data/${kind}.json`, options);
      assert.match(answer, /"status":"SUCCEEDED"/);
    }
  } finally {
    await container.remove();
    await rm(folder, { recursive: true, force: true });
  }
}
