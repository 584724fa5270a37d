// Seeded randomness: the same seed gives the same books on every machine.

/** A stream of pseudo-random choices; every method advances it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32: 32 bits of state, fast, and good enough to make books look lived in. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined) throw new Error('Cannot pick from an empty list');
      return choice;
    },
  };
}

const HEX = Buffer.from('0123456789abcdef', 'latin1');
const scratch = Buffer.alloc(36, '-');

function avalanche(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a, then mixed). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return avalanche(hash);
}

/** The GUID of the `number`-th thing of a family: always the same for the same three numbers. */
export function guid(seed: number, family: number, number: number): string {
  const start = avalanche(seed ^ Math.imul(family, 0x9e3779b1));
  let word = 0;
  for (let nibble = 0, at = 0; nibble < 32; nibble += 1, at += 1) {
    if ((nibble & 7) === 0) word = avalanche(start ^ avalanche(Math.imul(number + 1, 0x85ebca6b) + nibble));
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    scratch[at] = HEX[(word >>> ((nibble & 7) * 4)) & 15] ?? 0;
  }
  scratch[14] = 0x34; // version 4
  scratch[19] = HEX[8 | ((scratch[19] ?? 0) & 3)] ?? 0x38;
  return scratch.toString('latin1', 0, 36);
}
