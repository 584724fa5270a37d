// A target gives a tap's state back as it came, also where JavaScript's numbers would not.
import type { StateBody, StateMessage } from '../messages.ts';
import { isObject } from '../schema.ts';

/** Key on the STATE that a destination echoes, beside `data`: the value's own text, where that says more. */
const textKey = 'singer_value';

/** A Singer state as a destination takes it: covering all streams, to be given back when every record before it is durable. */
export const wrappedState = (value: unknown, line: string): StateMessage => ({
  type: 'STATE',
  state: { type: 'LEGACY', data: value as Record<string, unknown>, ...exactText(value, line) } as StateBody,
});

/** The line that a target prints for a state it was given back; undefined for a state that is not Singer's. */
export function unwrappedState(state: StateBody): string | undefined {
  const text = (state as Readonly<Record<string, unknown>>)[textKey];
  if (typeof text === 'string') return `${text}\n`;
  return state.type === 'LEGACY' ? `${JSON.stringify(state.data)}\n` : undefined;
}

const stateLine = /^\s*\{\s*"type"\s*:\s*"STATE"\s*,\s*"value"\s*:\s*(\{.*\})\s*\}\s*$/i;

/** Positions in database logs exceed 2^53, and 1.0 is not 1 to every tap: such values keep their text. */
function exactText(value: unknown, line: string): Readonly<Record<string, string>> {
  const text = stateLine.exec(line)?.[1];
  if (text === undefined || !isObject(value) || digitsOf(text) === digitsOf(JSON.stringify(value))) return {};
  return { [textKey]: text };
}

const digitsOf = (text: string): string => text.replaceAll(/[^\d.eE+-]/g, '');
