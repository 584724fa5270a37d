// What is wrong in ledgerpipe.yaml, each with its line and column, told in one message.
import { type ConnectorError, configError } from '@airbyte/cdk-typescript-shim';

export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** One line for a person, with the remedy; never a secret. */
  readonly message: string;
}

export const byPlace = (one: Finding, other: Finding): number =>
  one.line - other.line || one.column - other.column;

export const told = ({ line, column, message }: Finding): string =>
  `line ${line}, column ${column}: ${message}`;

/** All of them in one error: a single one on the line of the file's name, several below it. */
export function refusal(file: string, findings: readonly Finding[]): ConnectorError {
  const lines = [...new Set([...findings].sort(byPlace).map(told))];
  const [only] = lines;
  if (lines.length === 1) return configError(`Cannot use "${file}": ${only}`);
  return configError(
    `Cannot use "${file}", ${lines.length} errors:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );
}
