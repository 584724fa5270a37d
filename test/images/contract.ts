// What the Airbyte platform relies on in a connector's image, tried in a container of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { command, configOf, startContainer } from './buildah.ts';

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
    const singer = folder.replace(/^source-/, 'tap-').replace(/^destination-/, 'target-');
    assert.equal((await container.run(`${singer} --version`)).trim(), `${singer} v${version}`);
  } finally {
    await container.remove();
  }
}
