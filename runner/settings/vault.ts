// `vault:NAME` in the file: the secret of that name takes its place when it is used, not before.
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import type { Secrets } from '../store/contract.ts';
import { isVaultReference } from './variables.ts';

const prefix = 'vault:';

/** A copy of any part of the settings with its `vault:NAME` texts replaced. A secret that is not there is refused. */
export async function withVault<T>(part: T, secrets: Secrets): Promise<T> {
  return (await visit(part, secrets)) as T;
}

async function visit(part: unknown, secrets: Secrets): Promise<unknown> {
  if (Array.isArray(part)) return await Promise.all(part.map((element) => visit(element, secrets)));
  if (isObject(part)) {
    const members = Object.entries(part).map(async ([name, value]) => [name, await visit(value, secrets)]);
    return Object.fromEntries(await Promise.all(members));
  }
  if (typeof part !== 'string' || !isVaultReference(part)) return part;
  const name = part.slice(prefix.length);
  const secret = await secrets.get(name);
  if (typeof secret === 'string') return secret;
  throw configError(
    `Cannot use "${part}": the vault has no such secret, put it there with "ledgerpipe vault set ${name}"`,
  );
}
