// One endpoint's records in the order lists show them, kept sorted while the books change.
import type { Books, TableName } from '../../books/index.ts';

export interface IndexOptions {
  /** Tables whose rows the endpoint shows. */
  readonly tables: readonly TableName[];
  /** Tables whose changes concern these rows; the same ones unless rows live in two tables. */
  readonly watch: readonly TableName[];
  id(record: object): string;
  /** What lists are sorted by and If-Modified-Since is compared with; undefined keeps the table's own order. */
  cursor?: ((record: object) => number) | undefined;
}

/** Rows sorted by cursor and then id. A changed row moves to its new place: at the end, as a rule. */
export class RecordIndex {
  readonly #books: Books;
  readonly #options: IndexOptions;
  #rows: readonly object[] = [];
  #byId: Map<string, object> | undefined;
  #position = 0;
  #version = 0;

  constructor(books: Books, options: IndexOptions) {
    this.#books = books;
    this.#options = options;
    this.#position = books.changes.length;
    this.#load();
  }

  /** Grows whenever rows changed. */
  get version(): number {
    this.#follow();
    return this.#version;
  }

  get rows(): readonly object[] {
    this.#follow();
    return this.#rows;
  }

  find(id: string): object | undefined {
    this.#follow();
    this.#byId ??= new Map(this.#rows.map((row) => [this.#options.id(row), row]));
    return this.#byId.get(id);
  }

  /** The first row whose cursor is at or after `at`. */
  startOf(at: number): number {
    const { cursor } = this.#options;
    const rows = this.rows;
    if (!cursor) return 0;
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows[middle];
      if (row && cursor(row) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #load(): void {
    const rows: object[] = [];
    for (const table of this.#options.tables) for (const row of this.#books[table]) rows.push(row);
    this.#rows = this.#sorted(rows);
    this.#byId = undefined;
  }

  #sorted(rows: object[]): object[] {
    const { cursor, id } = this.#options;
    if (!cursor) return rows;
    return rows.sort((left, right) => cursor(left) - cursor(right) || (id(left) < id(right) ? -1 : 1));
  }

  /** Takes in the changes logged since the last look. */
  #follow(): void {
    const { changes } = this.#books;
    if (this.#position === changes.length) return;
    const touched = new Set<object>();
    const removed = new Set<object>();
    for (; this.#position < changes.length; this.#position += 1) {
      const change = changes[this.#position];
      if (!change || !this.#options.watch.includes(change.table)) continue;
      touched.add(change.record);
      if (change.how === 'removed') removed.add(change.record);
    }
    if (touched.size === 0) return;
    this.#version += 1;
    this.#byId = undefined;
    if (!this.#options.cursor) return void this.#load();
    const kept = this.#rows.filter((row) => !touched.has(row));
    this.#rows = this.#merged(kept, this.#sorted([...touched].filter((row) => !removed.has(row))));
  }

  #merged(kept: object[], moved: object[]): object[] {
    const { cursor } = this.#options;
    const [first] = moved;
    const last = kept.at(-1);
    if (!first || !last || (cursor && cursor(first) > cursor(last))) return [...kept, ...moved];
    return this.#sorted([...kept, ...moved]);
  }
}
