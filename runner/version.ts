// The version of the runner, from its package file.
import packageFile from './package.json' with { type: 'json' };

export const version: string = packageFile.version;
