// The version of this connector, from its package file.
import packageFile from './package.json' with { type: 'json' };

export const version: string = packageFile.version;

/** The User-Agent of every request. */
export const agent = `Ledgerpipe/${version} destination-databricks`;
