// `ledgerpipe vault`: the secrets in the store, and the key that seals them.
import { configError } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Command } from 'commander';
import type { Store } from '../store/index.ts';
import { keyText, keyVariable, newKey } from '../vault/key.ts';
import { openVaultedStore } from '../vault/open.ts';
import { resetVault } from '../vault/reset.ts';
import { rotateKey } from '../vault/rotate.ts';
import { readStoreSettings, type StorePlace } from '../vault/settings.ts';

const ports = { environment: process.env, clock: systemClock };

export function register(program: Command): void {
  const vault = program.command('vault').description('secrets in the store, and the key that seals them');
  const command = (name: string, description: string): Command =>
    vault
      .command(name)
      .description(description)
      .option('--file <file>', 'the settings', 'ledgerpipe.yaml')
      .option('--store <url>', 'the store, without settings: a path or postgres://...');

  vault
    .command('new-key')
    .description(`print a new key, for ${keyVariable}`)
    .action(() => say(keyText(newKey())));
  command('list', 'names of the secrets').action((place: StorePlace) =>
    withStore(place, async ({ secrets }) => {
      for (const name of await secrets.names()) say(name);
    }),
  );
  command('set', 'keep a secret, read from standard input; the settings refer to it as vault:NAME')
    .argument('<name>')
    .action(async (name: string, place: StorePlace) => {
      const value = await secretFromInput(name);
      await withStore(place, ({ secrets }) => secrets.put(name, value));
      say(`Kept "${name}": write "vault:${name}" in the settings`);
    });
  command('delete', 'forget a secret')
    .argument('<name>')
    .action((name: string, place: StorePlace) =>
      withStore(place, async ({ secrets }) => {
        if (!(await secrets.names()).includes(name))
          throw configError(`Cannot delete "${name}": there is no such secret, see "ledgerpipe vault list"`);
        await secrets.delete(name);
        say(`Deleted "${name}"`);
      }),
    );
  command('rotate-key', 'seal all secrets with a new key').action(rotate);
  command('reset', 'forget all secrets, when their key is lost')
    .option('--yes', 'do it: every consent must be given again')
    .action(async ({ yes, ...place }: StorePlace & { yes?: boolean }) => {
      const { store } = await readStoreSettings(place, process.env);
      const count = await resetVault(store, { sure: yes === true, clock: systemClock });
      say(`Forgot ${count} secrets: set them again, and run "ledgerpipe login" for each source`);
    });
}

async function rotate(place: StorePlace): Promise<void> {
  const { secrets, former, current, formerFile } = await rotateKey(
    await readStoreSettings(place, process.env),
    ports,
  );
  say(`Sealed ${secrets} secrets with key "${current.id}" instead of "${former.id}"`);
  say(
    formerFile
      ? `The former key is in ${formerFile}: backups from before need it, delete it with them`
      : `Set ${keyVariable} to the new key now; backups from before need the former one`,
  );
}

async function withStore(place: StorePlace, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openVaultedStore(await readStoreSettings(place, process.env), ports);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** Never an argument: the list of processes shows those, and the shell's history keeps them. */
async function secretFromInput(name: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(`Value of "${name}", then Enter and Ctrl-D:\n`);
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const value = Buffer.concat(parts).toString('utf8').trim();
  if (value) return value;
  throw configError(`Cannot keep "${name}": standard input is empty, pipe the value into the command`);
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
