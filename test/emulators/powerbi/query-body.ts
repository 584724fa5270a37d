// The body of executeQueries: exactly one query, and whether BLANK values are written.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { badRequest, odataError } from './answers.ts';

export function fieldsIn(body: unknown): { query: string; includeNulls: boolean } {
  if (!isObject(body)) throw badRequest('The body must be an object.', 'requestMessage');
  const known = ['queries', 'serializerSettings', 'impersonatedUserName'];
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`The property '${unknown}' does not exist.`, 'requestMessage');
  // A service principal impersonates nobody on a model without row-level security.
  if (body.impersonatedUserName !== undefined)
    throw odataError(400, 'InvalidRequest', { message: 'The model has no roles to impersonate a user in.' });
  const queries = Array.isArray(body.queries) ? body.queries : [];
  const [first] = queries as readonly unknown[];
  if (queries.length !== 1 || !isObject(first) || typeof first.query !== 'string')
    throw badRequest('Exactly one query is expected in "queries".', 'requestMessage');
  const settings = body.serializerSettings;
  return { query: first.query, includeNulls: isObject(settings) && settings.includeNulls === true };
}
