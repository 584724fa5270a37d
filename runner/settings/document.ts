// The text of ledgerpipe.yaml as values, and where in the text each value stands.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Finding } from './findings.ts';

/** Keys and indices from the root. */
export type Path = readonly (string | number)[];

export interface SettingsDocument {
  readonly value: unknown;
  /** The text is not YAML: `value` says nothing. */
  readonly errors: readonly Finding[];
  /** A finding at the value of the path, or at the deepest part of it that is there. */
  at(path: Path, message: string): Finding;
  /** A finding at the key that the path ends with. */
  atKey(path: Path, message: string): Finding;
}

/** Aliases expand to at most so many nodes: a thousand tenants may share one anchor, a bomb of them may not go off. */
const mostAliases = 100_000;

export function readDocument(text: string): SettingsDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, merge: true, logLevel: 'error' });
  const finding = (offset: number, message: string): Finding => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col, message };
  };
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }) =>
    // Its further lines quote the text, which may hold a secret.
    finding(pos[0], (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')),
  );
  const dangling = danglingAliases(document).map(({ offset, source }) =>
    finding(offset, `there is no anchor "&${source}" before this alias: define it, or write the value here`),
  );
  const faults = [...broken, ...dangling];
  const value = faults.length > 0 ? undefined : expanded(document);
  const errors =
    value instanceof Error ? [finding(0, 'too many aliases of aliases: write the values out')] : faults;
  const place = (path: Path, key: boolean, message: string) =>
    finding(offsetOf(document, path, { key }), message);
  return {
    value: errors.length > 0 ? undefined : value,
    errors,
    at: (path, message) => place(path, false, message),
    atKey: (path, message) => place(path, true, message),
  };
}

/** The document's values; an error where its aliases expand beyond all measure. */
function expanded(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    return error;
  }
}

function danglingAliases(
  document: Document,
): readonly { readonly offset: number; readonly source: string }[] {
  const found: { offset: number; source: string }[] = [];
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document)) found.push({ offset: alias.range?.[0] ?? 0, source: alias.source });
    },
  });
  return found;
}

/** Where the value (or, with `key`, its key) begins in the text; of what is not there, the place that lacks it. */
function offsetOf(document: Document, path: Path, { key }: { readonly key: boolean }): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const found = child(resolved(node, document), part, document);
    if (!found) return offset;
    const last = index === path.length - 1;
    const start = (last && key ? found.key : undefined) ?? found.value ?? found.key;
    offset = start?.range?.[0] ?? offset;
    node = found.value;
  }
  return offset;
}

interface Child {
  readonly key?: Node | undefined;
  readonly value?: Node | undefined;
}

function child(node: unknown, part: string | number, document: Document): Child | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(part)] as Node | undefined;
    return value && { value };
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items)
    if (isScalar(key) && String(key.value) === String(part))
      return { key, value: (value as Node | null) ?? undefined };
  return merged(node, part, document);
}

/** The value that a `<<` brings in. */
function merged(node: unknown, part: string | number, document: Document): Child | undefined {
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (!isScalar(key) || key.source !== '<<') continue;
    const target = resolved(value, document);
    for (const one of isSeq(target) ? target.items : [target]) {
      const found = child(resolved(one, document), part, document);
      if (found) return found;
    }
  }
  return undefined;
}

const resolved = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node;
