// The YAML of LookML dashboards, as far as they need it: every text is quoted, so none is read as anything else.
import { harmless, type Lines } from './lookml.ts';

export type Value =
  | string
  | number
  | boolean
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** `- a: 1` lists of maps in block style, lists of texts on one line. */
export function yamlLines(value: Value): Lines {
  if (Array.isArray(value)) return value.flatMap((item: Value) => indented(yamlLines(item), '- '));
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, one]) => entry(key, one));
  return [scalar(value)];
}

function entry(key: string, value: Value | undefined): Lines {
  if (value === undefined) return [];
  const name = /^[A-Za-z_][\w.]*$/.test(key) ? key : scalar(key);
  if (typeof value !== 'object') return [`${name}: ${scalar(value)}`];
  if (Array.isArray(value) && value.every((item: Value) => typeof item !== 'object'))
    return [`${name}: [${value.map((item: Value) => scalar(item)).join(', ')}]`];
  const lines = yamlLines(value);
  return lines.length === 0
    ? [`${name}: ${Array.isArray(value) ? '[]' : '{}'}`]
    : [`${name}:`, ...indented(lines, '  ')];
}

const indented = (lines: Lines, first: string): Lines =>
  lines.map((line, index) => `${index === 0 ? first : '  '}${line}`);

/** JSON's strings are strings of YAML too; words of the model stay bare. */
const scalar = (value: Value): string =>
  typeof value === 'string' && !/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/.test(value)
    ? JSON.stringify(harmless(value))
    : reserved.has(String(value)) && typeof value === 'string'
      ? JSON.stringify(value)
      : String(value);

/** What YAML 1.1 takes for something else than text. */
const reserved = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', 'nan', 'inf']);
