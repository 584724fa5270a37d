// The table of streams: its schemas hold together, and the documentation shows it as it is.
import { isObject, type JsonSchema, referencedStreams } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { type How, rareStreams, type Stream, streams } from '../../source-quickbooks/streams.ts';
import { expectStreamTable } from '../conformance/readme-table.ts';
import { ENTITIES } from '../emulators/quickbooks/index.ts';
import { openBench, run } from './bench.ts';

const all: readonly Stream[] = streams;

test('every reference leads to a stream', () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, schema } of all)
    for (const target of referencedStreams(schema))
      expect([name, names]).toEqual([name, expect.arrayContaining([target])]);
});

test('documents refer to what a star needs: parties, accounts, items, classes, locations, taxes', () => {
  const targets = (name: string) =>
    referencedStreams(all.find((stream) => stream.name === name)?.schema ?? {});
  const dimensions = ['accounts', 'items', 'classes', 'departments', 'tax_codes'];
  expect(targets('invoices')).toEqual(expect.arrayContaining(['customers', 'terms', ...dimensions]));
  expect(targets('bills')).toEqual(expect.arrayContaining(['vendors', 'terms', ...dimensions]));
  expect(targets('journal_entries')).toEqual(expect.arrayContaining(['accounts', 'classes', 'departments']));
});

test('every stream has the same key, and numbers have a role', () => {
  for (const { name, schema } of all) {
    expect([name, schema.required]).toEqual([name, ['RealmID', 'Id']]);
    for (const [path, property] of numbersOf(schema))
      expect([name, path, property['x-role']]).not.toContain(undefined);
  }
});

function* numbersOf(schema: JsonSchema, path = ''): Generator<[string, JsonSchema]> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if ([property.type].flat().includes('number')) yield [`${path}${name}`, property];
    yield* numbersOf(property, `${path}${name}.`);
    if (isObject(property.items)) yield* numbersOf(property.items as JsonSchema, `${path}${name}[].`);
  }
}

test('every entity of the product is a stream, and asks for inactive rows where it has them', () => {
  const tables = all.filter(({ how }) => how.by !== 'report');
  expect(tables.map(({ entity }) => entity).sort()).toEqual([...ENTITIES.keys()].sort());
  for (const { entity, inactive = false } of tables)
    expect([entity, inactive]).toEqual([entity, ENTITIES.get(entity)?.hidesInactive]);
});

const waysOf: Readonly<Record<How['by'], string>> = {
  changes: 'by time of change, then captured changes',
  counted: 'by time of change',
  whole: 'compared whole',
  report: 'by month',
};

const deletionsOf = ({ how, inactive }: Stream): string => {
  if (how.by === 'changes') return inactive ? 'inactive rows stay' : 'captured';
  return how.by === 'counted' ? 'by count' : 'when it vanishes';
};

const rowOf = (stream: Stream): readonly string[] => [
  `${stream.name}${stream.rare ? ' (more_streams)' : ''}`,
  stream.entity,
  waysOf[stream.how.by],
  deletionsOf(stream),
];

test('the README shows the table as it is', async () => {
  await expectStreamTable(
    'source-quickbooks',
    ['Stream', 'Entity or report', 'Read', 'Deletions'],
    all.map(rowOf),
  );
});

test('every field that records have is in their schema, however deep', async () => {
  const more_streams = [...rareStreams];
  const bench = await openBench({ documents: 200, config: { more_streams } });
  const outcome = await run(bench);
  const strangers = new Set<string>();
  for (const { name, schema } of all)
    for (const data of outcome.live(name))
      for (const path of unknownIn(data, schema)) strangers.add(`${name}: ${path}`);
  expect([...strangers].sort()).toEqual([]);
});

/** Paths that the schema does not name; objects and lists that it leaves open are passed over. */
function* unknownIn(value: unknown, schema: JsonSchema, path = ''): Generator<string> {
  if (Array.isArray(value)) {
    const items = schema.items as JsonSchema | undefined;
    if (items) for (const element of value) yield* unknownIn(element, items, `${path}[]`);
    return;
  }
  if (!isObject(value) || Object.keys(schema.properties ?? {}).length === 0) return;
  for (const [name, member] of Object.entries(value)) {
    const property = schema.properties?.[name];
    if (property) yield* unknownIn(member, property, `${path}.${name}`);
    else yield `${path}.${name}`;
  }
}
