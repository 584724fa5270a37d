// Answers from trees: XML under `tsResponse`, or JSON without the wrapper, as the caller's Accept header asks.
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { Switches } from './switches.ts';
import { type Scalar, type Tree, text } from './tree.ts';

export interface WriteOptions {
  readonly request: EmulatorRequest;
  readonly version: string;
  readonly switches: Switches;
  readonly headers?: Readonly<Record<string, string>>;
}

/** XML unless JSON is asked for. */
export function answer(
  status: number,
  tree: Tree,
  { request, version, switches, headers = {} }: WriteOptions,
): Answer {
  if (/application\/json/i.test(request.headers.accept ?? ''))
    return {
      status,
      headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
      body: JSON.stringify(jsonOf(tree, switches)),
    };
  return {
    status,
    headers: { 'content-type': 'application/xml;charset=utf-8', ...headers },
    body: xmlOf(tree, version),
  };
}

function jsonOf(tree: Tree, switches: Switches): unknown {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return [];
    if (typeof value !== 'object') return [[key, scalarOf(value, switches)]];
    if (!Array.isArray(value)) return [[key, jsonOf(value as Tree, switches)]];
    // A list without members has no key at all.
    return value.length === 0 ? [] : [[key, value.map((member: Tree) => jsonOf(member, switches))]];
  });
  const content = tree[text];
  if (content === undefined) return Object.fromEntries(entries);
  return entries.length === 0 ? content : { value: content, ...Object.fromEntries(entries) };
}

function scalarOf(value: Scalar, { jsonStrings }: Switches): Scalar {
  if (typeof value === 'number' && jsonStrings !== 'none') return String(value);
  if (typeof value === 'boolean' && jsonStrings === 'numbers and booleans') return String(value);
  return value;
}

function xmlOf(tree: Tree, version: string): string {
  const location = `http://tableau.com/api http://tableau.com/api/ts-api-${version}.xsd`;
  const attributes = `xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${location}"`;
  return `<?xml version='1.0' encoding='UTF-8'?><tsResponse ${attributes}>${contentOf(tree)}</tsResponse>`;
}

function contentOf(tree: Tree): string {
  const children = Object.entries(tree).flatMap(([name, value]) => {
    if (typeof value !== 'object') return [];
    const members = Array.isArray(value) ? (value as readonly Tree[]) : [value as Tree];
    return members.map((member) => elementOf(name, member));
  });
  return `${escaped(tree[text] ?? '')}${children.join('')}`;
}

function elementOf(name: string, tree: Tree): string {
  const attributes = Object.entries(tree).flatMap(([key, value]) =>
    value === undefined || typeof value === 'object' ? [] : [` ${key}="${escaped(String(value))}"`],
  );
  const content = contentOf(tree);
  const open = `${name}${attributes.join('')}`;
  return content === '' && tree[text] === undefined ? `<${open}/>` : `<${open}>${content}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

export const escaped = (content: string): string =>
  content.replace(/[&<>"\n\r\t]/g, (character) => entities[character] ?? character);
