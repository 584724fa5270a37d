// Questions to an explore: one inline query each, never from the cache.
import { ConnectorError, configError, isObject } from '@airbyte/cdk-typescript-shim';
import { pathOf } from '../api.ts';
import { objectsIn, type Publication } from './steps.ts';

export interface Question {
  readonly explore: string;
  /** `view.field` */
  readonly fields: readonly string[];
  readonly filters?: Readonly<Record<string, string>>;
  readonly sorts?: readonly string[];
  /** "-1": all rows. */
  readonly limit: string;
  readonly purpose: string;
}

export type Row = Readonly<Record<string, unknown>>;

/**
 * The rows, by full field name. Undefined when the model or the explore is not there (or not for us: Looker answers
 * both with 404). Throws a config error with the database's words when the query failed: JSON answers hide that in a
 * row of a good answer.
 */
export async function ask(publication: Publication, question: Question): Promise<readonly Row[] | undefined> {
  const { api, context, settings } = publication;
  const { explore, fields, filters = {}, sorts, limit, purpose } = question;
  const response = await api.call({
    method: 'POST',
    path: '/queries/run/json',
    query: { cache: false, limit },
    body: { model: settings.name, view: explore, fields, filters, ...(sorts ? { sorts } : {}), limit },
    purpose,
    quota: 'query',
    repeatable: true,
    slow: true,
    accept: [400, 404],
    signal: context.signal,
  });
  if (response.status === 404) return undefined;
  const answer = response.json();
  if (response.status === 400) throw refused(purpose, isObject(answer) ? answer.message : answer);
  const rows = objectsIn(answer);
  const failed = rows.find((row) => row.looker_error !== undefined);
  if (failed) throw refused(purpose, failed.looker_error);
  return rows;
}

/**
 * As `ask`, but a failure counts as "not there" too when Looker does not know the explore: some instances answer a
 * query on an unknown model with an error in a row.
 */
export async function askIfThere(
  publication: Publication,
  question: Question,
): Promise<readonly Row[] | undefined> {
  try {
    return await ask(publication, question);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'config') throw error;
    if (await isThere(publication, question.explore)) throw error;
    return undefined;
  }
}

async function isThere({ api, context, settings }: Publication, explore: string): Promise<boolean> {
  const { status } = await api.call({
    method: 'GET',
    path: pathOf('lookml_models', settings.name, 'explores', explore),
    query: { fields: 'name' },
    purpose: `look for the explore "${explore}" of the model "${settings.name}"`,
    accept: [400, 404],
    signal: context.signal,
  });
  return status < 300;
}

const refused = (purpose: string, said: unknown): ConnectorError =>
  configError(
    `Cannot ${purpose}: Looker said "${String(said).replace(/\s+/g, ' ').slice(0, 400)}", check the connection's database user and the deployed model`,
  );
