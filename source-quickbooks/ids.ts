// The ids of all records a stream holds, in a form small enough to live in its state.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Ids of one bitmap: 512 bits. Ids of a company's transactions come from one counter, so they lie close together. */
const SPAN = 512;

/**
 * A set of ids. Numbers below 2^53 are bits in maps of 512, any other text (`TAX`, `NON`, pairs of currencies) is kept
 * as it is. As text: the numbers' bitmaps with the distances between them, deflated, in base64 (about a byte for an id).
 */
export class IdSet {
  readonly #maps = new Map<number, Uint8Array>();
  readonly #texts = new Set<string>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    const place = placeOf(id);
    if (!place) return this.#texts.has(id);
    return ((this.#maps.get(place.map)?.[place.byte] ?? 0) & place.bit) !== 0;
  }

  add(id: string): void {
    if (this.has(id)) return;
    this.#size += 1;
    const place = placeOf(id);
    if (!place) {
      this.#texts.add(id);
      return;
    }
    const map = this.#maps.get(place.map) ?? new Uint8Array(SPAN / 8);
    this.#maps.set(place.map, map);
    map[place.byte] = (map[place.byte] ?? 0) | place.bit;
  }

  delete(id: string): boolean {
    if (!this.has(id)) return false;
    this.#size -= 1;
    const place = placeOf(id);
    if (!place) return this.#texts.delete(id);
    const map = this.#maps.get(place.map);
    if (map) map[place.byte] = (map[place.byte] ?? 0) & ~place.bit;
    return true;
  }

  *[Symbol.iterator](): Generator<string> {
    for (const [number, map] of this.#maps)
      for (const [index, byte] of map.entries())
        for (let bit = 0; bit < 8; bit += 1)
          if (byte & (1 << bit)) yield String(number * SPAN + index * 8 + bit);
    yield* this.#texts;
  }

  toText(): string {
    const numbers = [...this.#maps.keys()].sort((a, b) => a - b);
    const gaps = numbers.map((number, index) => number - (numbers[index - 1] ?? 0));
    const bitmaps = numbers.map((number) => this.#maps.get(number) ?? new Uint8Array(SPAN / 8));
    const head = Buffer.from(JSON.stringify([gaps, [...this.#texts]]));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(head.length);
    return deflateRawSync(Buffer.concat([length, head, ...bitmaps])).toString('base64');
  }

  /** Throws a plain error for a text that no `toText` made. */
  static from(text: string): IdSet {
    const set = new IdSet();
    const bytes = inflateRawSync(Buffer.from(text, 'base64'));
    const start = 4 + bytes.readUInt32LE(0);
    const [gaps, texts] = JSON.parse(bytes.subarray(4, start).toString()) as [number[], string[]];
    let number = 0;
    for (const [index, gap] of gaps.entries()) {
      number += gap;
      const map = Uint8Array.from(
        bytes.subarray(start + (index * SPAN) / 8, start + ((index + 1) * SPAN) / 8),
      );
      set.#maps.set(number, map);
      for (const byte of map) set.#size += bitsIn(byte);
    }
    for (const one of texts) set.add(one);
    return set;
  }
}

interface Place {
  readonly map: number;
  readonly byte: number;
  readonly bit: number;
}

/** Leading zeros would not come back, so only plain numbers are numbers. */
function placeOf(id: string): Place | undefined {
  if (!/^(0|[1-9]\d{0,15})$/.test(id)) return undefined;
  const number = Number(id);
  if (!Number.isSafeInteger(number)) return undefined;
  const within = number % SPAN;
  return { map: Math.floor(number / SPAN), byte: within >> 3, bit: 1 << (within & 7) };
}

function bitsIn(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
