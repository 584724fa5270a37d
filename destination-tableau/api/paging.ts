// Lists of the REST API, page by page.
import { at, type Fields, listOf, numberOf } from './answers.ts';
import type { Site } from './sessions.ts';

export interface List {
  readonly path: string;
  readonly query?: string;
  /** Names of the list and of its members in the answer. */
  readonly outer: string;
  readonly inner: string;
  readonly purpose: string;
}

/** The most that a page may hold ("Paginating Results"). */
const pageSize = 1000;

export async function listAll(
  site: Site,
  { path, query, outer, inner, purpose }: List,
): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  for (let page = 1; ; page += 1) {
    const response = await site.send({
      method: 'GET',
      url: `${site.url}/${path}?pageSize=${pageSize}&pageNumber=${page}${query ? `&${query}` : ''}`,
      headers: { accept: 'application/json' },
      purpose,
    });
    const answer = response.json();
    const members = listOf(answer, outer, inner);
    found.push(...members);
    const total = numberOf(at(answer, 'pagination', 'totalAvailable')) ?? found.length;
    if (members.length === 0 || found.length >= total) return found;
  }
}
