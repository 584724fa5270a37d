// How messages name a request: what it is for and where it goes, without query or credentials.
import type { HttpRequest } from './http.ts';

/** The request's purpose, or its method and path; never the query, which may hold secrets. */
export function purposeOf({ purpose, method, url }: HttpRequest): string {
  return purpose ?? `${method} ${URL.canParse(url) ? new URL(url).pathname : 'a malformed address'}`;
}

export function hostOf({ url }: HttpRequest): string {
  return URL.canParse(url) ? new URL(url).host : 'a malformed address';
}
