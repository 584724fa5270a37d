// The name that a person most likely meant.

/** The closest of `names`, when it differs in a third of its letters or fewer. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, changes }) => changes <= Math.max(1, Math.ceil(Math.max(name.length, wrong.length) / 3)))
    .sort((one, other) => one.changes - other.changes);
  return best?.name;
}

/** `did you mean "x"?` or the whole choice. */
export function suggestion(wrong: string, names: readonly string[]): string {
  const meant = nearest(wrong, names);
  return meant ? `did you mean "${meant}"?` : `choose from ${names.join(', ')}`;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [place, wanted] of [...other].entries())
      next.push(
        Math.min(
          (next[place] ?? 0) + 1,
          (row[place + 1] ?? 0) + 1,
          (row[place] ?? 0) + (letter === wanted ? 0 : 1),
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
