// What every connector's spec must satisfy: forms that platforms can show, and secrets that they keep.
import type { JsonSchema, Specification } from '@airbyte/cdk-typescript-shim';
import ajvModule from 'ajv';
import { expect, test } from 'vitest';
import { expectValid } from '../contract/protocol.ts';

interface Field {
  readonly path: string;
  readonly name: string;
  readonly schema: JsonSchema;
}

function* fieldsOf(schema: JsonSchema, path = ''): Generator<Field> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = path ? `${path}.${name}` : name;
    yield { path: field, name, schema: property };
    yield* fieldsOf(property, field);
  }
  for (const option of optionsOf(schema)) yield* fieldsOf(option, `${path}(${option.title})`);
}

const optionsOf = (schema: JsonSchema): readonly JsonSchema[] =>
  (schema.oneOf as readonly JsonSchema[] | undefined) ?? [];

const secretName = /secret|password|token$|_key$|passphrase/;

export function testSpec(spec: Specification): void {
  const root = spec.connectionSpecification as JsonSchema;

  test('the spec is a valid message and its schema compiles', () => {
    expectValid([{ type: 'SPEC', spec }]);
    new ajvModule.default({ strict: false, validateFormats: false }).compile(root);
  });

  test('every field of the spec has a title, and every top-level field a description and its own place', () => {
    const fields = [...fieldsOf(root)].filter(({ schema }) => !('const' in schema));
    expect(fields.filter(({ schema }) => !schema.title).map(({ path }) => path)).toEqual([]);
    const top = Object.entries(root.properties ?? {});
    expect(top.filter(([, schema]) => !schema.description).map(([name]) => name)).toEqual([]);
    const orders = top.map(([, schema]) => schema.order);
    expect(new Set(orders).size).toBe(top.length);
  });

  test('every field that holds a secret is marked as one', () => {
    const open = [...fieldsOf(root)].filter(
      ({ name, schema }) =>
        secretName.test(name) && schema.type === 'string' && schema.airbyte_secret !== true,
    );
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  test('the options of a choice are told apart by one required constant', () => {
    const choices = [{ path: '', name: '', schema: root }, ...fieldsOf(root)].filter(
      ({ schema }) => optionsOf(schema).length > 0,
    );
    for (const { schema } of choices) {
      const constants = optionsOf(schema).map((option) =>
        Object.entries(option.properties ?? {}).find(([, property]) => 'const' in property),
      );
      expect(new Set(constants.map((found) => found?.[0])).size).toBe(1);
      expect(new Set(constants.map((found) => found?.[1].const)).size).toBe(constants.length);
      for (const option of optionsOf(schema)) expect(option.required).toContain(constants[0]?.[0]);
    }
  });

  test('the spec has no null types and no alternatives at its root', () => {
    expect(JSON.stringify(root)).not.toContain('"null"');
    for (const keyword of ['oneOf', 'anyOf', 'allOf']) expect(root).not.toHaveProperty(keyword);
  });
}
