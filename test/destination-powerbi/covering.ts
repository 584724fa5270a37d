// Few combinations of many choices in which every value meets every value of every other choice at least once.

/** How many values each choice has, by name. */
type Choices = ReadonlyMap<string, number>;

/** Index of the chosen value, by choice. */
type Row = ReadonlyMap<string, number>;

/**
 * Combinations that cover all pairs, the same on every call: each begins with a pair that is still missing and takes, one
 * choice after the other, the value that brings the most of what is missing.
 */
export function coveringRows(values: Readonly<Record<string, readonly unknown[]>>): readonly Row[] {
  const choices: Choices = new Map(
    Object.entries(values)
      .map(([name, { length }]) => [name, length] as const)
      .sort(([, one], [, other]) => other - one),
  );
  const missing = allPairs(choices);
  const rows: Row[] = [];
  for (let [seed] = missing; seed !== undefined; [seed] = missing) {
    const row = completed(new Map(JSON.parse(seed) as [string, number][]), {
      choices,
      missing,
      turn: rows.length,
    });
    for (const covered of pairsOf([...row])) missing.delete(covered);
    rows.push(row);
  }
  return rows;
}

function completed(
  row: Map<string, number>,
  { choices, missing, turn }: { choices: Choices; missing: ReadonlySet<string>; turn: number },
): Row {
  for (const [place, [name, count]] of [...choices].entries()) {
    if (row.has(name)) continue;
    const gains = Array.from(
      { length: count },
      (_, value) => [...row].filter((known) => missing.has(pair(known, [name, value]))).length,
    );
    const best = Math.max(...gains);
    const found = gains.flatMap((gain, value) => (gain === best ? [value] : []));
    // Where nothing speaks for one of them, not always the same.
    row.set(name, found[(turn + place) % found.length] ?? 0);
  }
  return row;
}

function allPairs(choices: Choices): Set<string> {
  const single = [...choices].flatMap(([name, count]) =>
    Array.from({ length: count }, (_, value): [string, number] => [name, value]),
  );
  return new Set(pairsOf(single));
}

const pairsOf = (all: readonly (readonly [string, number])[]): readonly string[] =>
  all.flatMap((one, place) =>
    all.slice(place + 1).flatMap((other) => (one[0] === other[0] ? [] : [pair(one, other)])),
  );

const pair = (one: readonly [string, number], other: readonly [string, number]): string =>
  JSON.stringify(one[0] < other[0] ? [one, other] : [other, one]);
