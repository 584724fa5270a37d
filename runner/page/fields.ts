// What forms and addresses say: text by name, whatever else may have been sent.
import type { FastifyInstance } from 'fastify';

/** Forms of the page are a few lines; more is not one of them. */
const mostBytes = 16 * 1024;

/** A key, a document number or a name is shorter. */
const longest = 300;

/** Forms are read within the page's own part of the server: others keep their own ways. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: mostBytes },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}

/**
 * The field's text without spaces around it; undefined when it is not there or empty. Control characters are left
 * out: PostgreSQL takes no NUL in a text.
 */
export function field(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  const value: unknown = Object.entries(fields).find(([key]) => key === name)?.[1];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const text = first
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, longest);
  return text === '' ? undefined : text;
}

/** A whole number above 0; undefined: it is none. */
export const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;

/** The text when it is one of them. */
export const oneOf = <Name extends string>(
  names: readonly Name[],
  text: string | undefined,
): Name | undefined => names.find((name) => name === text);
