// The rows of one entity: ids, stamps and tokens, kept in the orders that statements ask for, and what was deleted.
import type { Entity } from './entities.ts';
import { wholeSecond } from './times.ts';

export interface Row {
  readonly id: string;
  /** The id as a number; ids that are words come last. */
  readonly number: number;
  /** The neutral record behind it. */
  readonly record: object;
  readonly createdAt: number;
  /** MetaData.LastUpdatedTime, ms, whole seconds. */
  updatedAt: number;
  token: number;
  active: boolean;
  gone: boolean;
}

/** A hard delete, as change capture shows it. */
export interface Tombstone {
  readonly id: string;
  readonly at: number;
}

export interface NewRow {
  readonly record: object;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly active: boolean;
  /** A word instead of the next number. */
  readonly id?: string;
}

const WORD = 1e12;

export class Shelf {
  readonly entity: Entity;
  readonly tombstones: Tombstone[] = [];
  readonly #byId = new Map<string, Row>();
  readonly #byRecord = new Map<object, Row>();
  #last = 0;
  #inIdOrder: Row[] = [];
  #inTimeOrder: Row[] = [];
  readonly #moved = new Set<Row>();
  #stale = false;
  /** Grows with every change of the rows. */
  version = 0;

  constructor(entity: Entity) {
    this.entity = entity;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): Row | undefined {
    return this.#byId.get(id);
  }

  of(record: object): Row | undefined {
    return this.#byRecord.get(record);
  }

  add({ record, createdAt, updatedAt, active, id }: NewRow): Row {
    const number = id === undefined ? ++this.#last : WORD + this.#byId.size;
    const row: Row = {
      ...{ id: id ?? String(number), number, record, active, gone: false },
      createdAt: wholeSecond(createdAt),
      updatedAt: wholeSecond(Math.max(createdAt, updatedAt)),
      token: updatedAt - createdAt >= 1000 ? 1 : 0,
    };
    this.#byId.set(row.id, row);
    this.#byRecord.set(record, row);
    this.#inIdOrder.push(row);
    this.#moved.add(row);
    this.version += 1;
    return row;
  }

  /** Marks a change at `at`; `counts` is false where only figures that depend on other records moved. */
  touch(
    row: Row,
    at: number,
    { counts = true, active = row.active }: { counts?: boolean; active?: boolean } = {},
  ): void {
    row.updatedAt = Math.max(row.updatedAt, wholeSecond(at));
    if (counts) row.token += 1;
    row.active = active;
    this.#moved.add(row);
    this.version += 1;
  }

  erase(row: Row, at: number): void {
    row.gone = true;
    this.#byId.delete(row.id);
    this.#byRecord.delete(row.record);
    this.tombstones.push({ id: row.id, at: wholeSecond(at) });
    this.#stale = true;
    this.version += 1;
  }

  /** Rows by ascending id. */
  get inIdOrder(): readonly Row[] {
    this.#settle();
    return this.#inIdOrder;
  }

  /** Rows by ascending LastUpdatedTime, then id. */
  get inTimeOrder(): readonly Row[] {
    this.#settle();
    return this.#inTimeOrder;
  }

  #settle(): void {
    if (this.#stale) this.#inIdOrder = this.#inIdOrder.filter((row) => !row.gone);
    if (this.#stale || this.#moved.size > 0) {
      const kept = this.#inTimeOrder.filter((row) => !row.gone && !this.#moved.has(row));
      const moved = [...this.#moved].filter((row) => !row.gone).sort(byTime);
      const [first] = moved;
      const last = kept.at(-1);
      const appended = kept.concat(moved);
      this.#inTimeOrder = first && last && byTime(last, first) > 0 ? appended.sort(byTime) : appended;
    }
    this.#stale = false;
    this.#moved.clear();
  }
}

function byTime(left: Row, right: Row): number {
  return left.updatedAt - right.updatedAt || left.number - right.number;
}
