// Which files an `include` names: wildcards, absolute and relative paths, endings left out.

/** Files an include of `from` matches, in the order of their paths. */
export function included(
  pattern: string,
  { from, paths }: { from: string; paths: readonly string[] },
): string[] {
  const folder = from.includes('/') ? from.replace(/[^/]*$/, '') : '';
  const absolute = pattern.startsWith('/') ? pattern.slice(1) : `${folder}${pattern}`;
  const source = absolute
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/?|\*/g, (stars) => (stars.length > 1 ? '.*' : '[^/]*'));
  const matches = new RegExp(`^${source}(\\.lkml|\\.lookml)?$`);
  return paths.filter((path) => matches.test(path) && path !== from).sort();
}
