// Answers of the Fabric API, and its one shape of errors.
import { randomUUID } from 'node:crypto';
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Answer } from '../emulator.ts';
import { Refusal } from '../powerbi/answers.ts';

export const fabricJson = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

export const fabricError = (status: number, errorCode: string, message: string): Refusal =>
  new Refusal(
    fabricJson(
      status,
      { requestId: randomUUID(), errorCode, message },
      { 'x-ms-public-api-error-code': errorCode },
    ),
  );

export function fabricBody(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (isObject(parsed)) return parsed;
  } catch {
    // Told below, like every other body that is no object.
  }
  throw fabricError(400, 'InvalidInput', 'The request body is not a valid JSON object.');
}

/** The decoded part of an item's definition. */
export function definitionPart(fields: Readonly<Record<string, unknown>>, path: string): unknown {
  const definition = isObject(fields.definition) ? fields.definition : {};
  const parts = Array.isArray(definition.parts) ? definition.parts.filter(isObject) : [];
  const part = parts.find((one) => one.path === path);
  if (part?.payloadType !== 'InlineBase64' || typeof part.payload !== 'string')
    throw fabricError(
      400,
      'InvalidDefinitionParts',
      `The definition needs a part "${path}" of payloadType InlineBase64.`,
    );
  try {
    return JSON.parse(Buffer.from(part.payload, 'base64').toString());
  } catch {
    throw fabricError(400, 'InvalidDefinitionFormat', `Part "${path}" is not valid JSON.`);
  }
}

/** Value at a path of names, where all the way there is one. */
export const at = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce((inner: unknown, name) => (isObject(inner) ? inner[name] : undefined), value);
