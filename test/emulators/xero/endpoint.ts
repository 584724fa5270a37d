// What the list engine needs to know of an endpoint.
import type { TableName } from '../../books/index.ts';
import type { Fields } from './fields.ts';
import type { Look } from './look.ts';
import type { Query } from './query.ts';
import type { Optimised } from './where-run.ts';

/** paged: page/pageSize, whole list without page. always: pages even without page. quotes, links: 100 a page. whole: no paging. */
export type Paging = 'paged' | 'always' | 'quotes' | 'links' | 'whole';

/** A test of records. A method, so that a filter of one record type fits the table of all. */
export interface Filter<R> {
  test(record: R): boolean;
}

export interface Endpoint<R extends object = object> {
  /** Path under /api.xro/2.0, and the key of the array in replies. */
  readonly name: string;
  /** The record's type in error messages. */
  readonly type: string;
  /** Granular scopes, any one of which opens it. */
  readonly scopes: readonly string[];
  readonly paging: Paging;
  readonly tables: readonly TableName[];
  /** Other tables under which changes of these rows are logged. */
  readonly watch?: readonly TableName[];
  id(record: R): string;
  /** Another name a by-id read accepts: a number or a code. */
  alternate?(record: R): string;
  /** The instant If-Modified-Since is compared with and lists are sorted by, where the endpoint supports it. */
  cursor?(record: R): number;
  render(record: R, look: Look): string;
  /** Fields of `where` and `order`; without them both are ignored. */
  readonly fields?: Fields<R>;
  /** Where only `order` is offered. */
  readonly orderOnly?: boolean;
  readonly optimised?: Optimised;
  /** Refuses reads of more than the guard's number of documents. */
  readonly guarded?: boolean;
  /** Parameters of this endpoint alone, as a test of records; undefined when none is given. */
  filter?(query: Query): Filter<R> | undefined;
  /** Parameters that switch paging on by themselves. */
  readonly forcesPaging?: readonly string[];
  /** Rows lists keep back unless the query asks for them. */
  hides?(record: R, query: Query): boolean;
  /** Is this a row whose Status is DELETED? */
  isDeleted?(record: R): boolean;
  readonly summary?: boolean;
  readonly attachments?: boolean;
  readonly history?: boolean;
}

/** Gives a row of the table its record type for the length of its definition. */
export function endpoint<R extends object>(row: Endpoint<R>): Endpoint {
  return row;
}
