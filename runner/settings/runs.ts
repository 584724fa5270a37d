// The runs that a name on the command line means.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { PipelineSettings, Settings } from './contract.ts';
import { refusal } from './findings.ts';
import { nearest } from './nearest.ts';

/** All runs of a pipeline by its name in the file, or the one run of a tenant by `PIPELINE.TENANT`. */
export function runsOf(
  { pipelines }: Pick<Settings, 'pipelines'>,
  name: string,
): readonly PipelineSettings[] {
  const one = pipelines[name];
  if (one) return [one];
  const runs = Object.values(pipelines).filter(({ base }) => base === name);
  if (runs.length > 0) return runs;
  const bases = [...new Set(Object.values(pipelines).map(({ base }) => base))];
  const meant = nearest(name, [...bases, ...Object.keys(pipelines)]);
  throw configError(
    `Unknown pipeline "${name}": ${meant ? `did you mean "${meant}"?` : `the file has ${bases.join(', ')}`}`,
  );
}

/** Throws what is wrong with the configuration of a run, with line and column. */
export function refuseProblems({ file }: Pick<Settings, 'file'>, { problems }: PipelineSettings): void {
  if (problems.length > 0) throw refusal(file, problems);
}
