// Validation by Looker itself: of the development workspace before a deployment, of production after it.
import { isObject, systemError } from '@airbyte/cdk-typescript-shim';
import { pathOf } from '../api.ts';
import type { ModelFile } from '../model/index.ts';
import { objectsIn, type Publication, say } from './steps.ts';

export interface Subject {
  readonly project: string;
  readonly workspace: 'dev' | 'production';
  /** Ours: anybody else's may have errors. */
  readonly files: readonly ModelFile[];
}

/**
 * Throws a system error when Looker finds an error in a file of ours; errors elsewhere in the project are logged, for
 * they were there before and stop nobody but their authors.
 */
export async function validate(
  publication: Publication,
  { project, workspace, files }: Subject,
): Promise<void> {
  const answer = await publication.api.json({
    method: 'POST',
    path: `${pathOf('projects', project)}/validate`,
    purpose: `validate the LookML project "${project}" (permission "develop")`,
    workspace,
    repeatable: true,
    slow: true,
    signal: publication.context.signal,
  });
  const errors = objectsIn(isObject(answer) ? answer.errors : []).filter(
    ({ severity }) => severity === 'error' || severity === 'fatal',
  );
  const { name } = publication.settings;
  const paths = new Set(files.map(({ path }) => path));
  const isOurs = (one: Readonly<Record<string, unknown>>): boolean =>
    paths.has(String(one.file_path ?? '').replace(/^\//, ''));
  const ours = errors.filter(isOurs);
  if (ours.length > 0)
    throw systemError(
      `Cannot deploy the model "${name}": Looker found ${ours.length} error${ours.length === 1 ? '' : 's'} in it, the first: ${told(ours[0])}`,
      { detail: ours.slice(0, 20).map(told).join('\n') },
    );
  for (const error of errors.slice(0, 3))
    await say(
      publication,
      'WARN',
      `LookML project "${project}" has an error that is not Ledgerpipe's: ${told(error)}`,
    );
}

const told = (error: Readonly<Record<string, unknown>> = {}): string => {
  const place = [error.file_path, error.line_number]
    .filter((one) => one !== undefined && one !== null)
    .join(':');
  return `"${String(error.message ?? error.sanitized_message ?? 'unknown')}"${place === '' ? '' : ` in ${place}`}`;
};
