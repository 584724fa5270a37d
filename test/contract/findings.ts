// What differs from an official document, and the differences that are known: each with its reason, none without use.
import { expect } from 'vitest';

/** One way in which a body or a request differs from its document. */
export interface Finding {
  /** Template of the operation: /Payments/{PaymentID} */
  readonly on: string;
  /** Schema and field, "BatchPayment.TotalAmount"; or the part of a request, "query pageSize". */
  readonly place: string;
  /** "undeclared", "missing", "string instead of number", ... */
  readonly problem: string;
  /** The value, and where in the body it is. */
  readonly detail: string;
}

/** A finding that is right all the same, because the document is not. */
export interface Difference {
  /** Templates of the operations that show it, every one of them; absent: whichever use the schema. */
  readonly on?: readonly string[];
  readonly places: readonly string[];
  readonly problem: string;
  readonly why: string;
  /** Who says so: the document's own examples, or an address. */
  readonly source: 'its examples' | `https://${string}` | `RFC ${string}`;
}

/** One line for each operation and place of a difference. */
interface Line {
  readonly key: string;
  readonly difference: Difference;
}

export interface Known {
  /** The findings that no difference explains. */
  unexplained(findings: readonly Finding[]): readonly Finding[];
  /** The lines that explained nothing so far. */
  unused(): readonly string[];
}

export function knownDifferences(differences: readonly Difference[]): Known {
  const lines = new Map(differences.flatMap(linesOf).map((line) => [line.key, line]));
  const used = new Set<string>();
  return {
    unexplained: (findings) =>
      findings.filter((finding) => {
        const key = keysOf(finding).find((one) => lines.has(one));
        if (key) used.add(key);
        return key === undefined;
      }),
    unused: () => [...lines.keys()].filter((key) => !used.has(key)),
  };
}

/** The lines whose source is the document's examples, which these findings in its examples do not bear out. */
export function unseenIn(
  findings: readonly Finding[],
  differences: readonly Difference[],
): readonly string[] {
  const seen = new Set(findings.flatMap(keysOf));
  return differences
    .filter(({ source }) => source === 'its examples')
    .flatMap(linesOf)
    .map(({ key }) => key)
    .filter((key) => !seen.has(key));
}

const linesOf = (difference: Difference): readonly Line[] =>
  difference.places.flatMap((place) =>
    (difference.on ?? ['']).map((on) => ({ key: `${on} ${place}: ${difference.problem}`, difference })),
  );

const keysOf = ({ on, place, problem }: Finding): readonly string[] => [
  `${on} ${place}: ${problem}`,
  ` ${place}: ${problem}`,
];

/** Fails the running test with what was found, one line for each place and problem. */
export function expectNone(findings: readonly Finding[]): void {
  const told = new Map(findings.map((one) => [`${one.on} ${one.place}: ${one.problem}`, one.detail]));
  expect([...told].map(([key, detail]) => `${key} (${detail})`)).toEqual([]);
}
