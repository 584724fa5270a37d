// The connectors that come with the runner: the only place that names them all.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';

export const connectors = [
  'source-xero',
  'source-quickbooks',
  'destination-databricks',
  'destination-looker',
  'destination-powerbi',
  'destination-tableau',
] as const;

const require = createRequire(import.meta.url);

/**
 * The command line that starts a connector: one of ours by name, or any program that speaks the protocol by its
 * path (with a slash).
 */
export function commandOf(connector: string): readonly [string, ...string[]] {
  if (connector.includes('/')) return [connector];
  if (!(connectors as readonly string[]).includes(connector))
    throw configError(
      `Unknown connector "${connector}": choose ${connectors.join(' or ')}, or give the path of a program`,
    );
  const packageFile = require.resolve(`@ledgerpipe/${connector}/package.json`);
  return [process.execPath, join(dirname(packageFile), 'dist/main.js')];
}
