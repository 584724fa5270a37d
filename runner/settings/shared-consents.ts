// Runs that use one refresh token under different names: a rotation by one would be lost to the other.
import type { PipelineSettings } from './contract.ts';
import type { SettingsDocument } from './document.ts';
import type { Finding } from './findings.ts';
import { valueAt } from './trees.ts';

const tokenPath = ['credentials', 'refresh_token'];

/** A token store that both use passes rotations on, and so does a common connection. */
export function sharedConsents(
  document: SettingsDocument,
  runs: readonly PipelineSettings[],
): readonly Finding[] {
  const owners = new Map<string, PipelineSettings>();
  return runs.flatMap((run) => {
    const { source, base, connection, exclusive } = run;
    const token = valueAt(source.config, tokenPath);
    if (typeof token !== 'string' || token === '' || !exclusive) return [];
    const key = JSON.stringify([source.connector, token]);
    const owner = owners.get(key);
    if (!owner) owners.set(key, run);
    if (!owner || owner.connection === connection || owner.base === base) return [];
    const message = `"${owner.base}" has the same refresh token, which each use replaces: give both sources the same "connection", or log in for each`;
    return [document.at(['pipelines', base, 'source', 'config', ...tokenPath], message)];
  });
}
