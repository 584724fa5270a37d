// Names from the ledger and from schemas: whatever they hold, they stay values, labels and quoted names.
import type { Stream } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { databricks, postgres } from '../../destination-looker/model/dialect.ts';
import { allocator, identifier } from '../../destination-looker/model/identifiers.ts';
import { block, code, harmless, text } from '../../destination-looker/model/lookml.ts';
import { trackingDimensions } from '../../destination-looker/model/tracking.ts';
import { brokenReferences, parse, parseProject } from './model-lookml.ts';
import { catalogs, generate, tablesOf } from './model-setup.ts';

const nasty = [
  "{{ 7 }}'; DROP TABLE x; --",
  '{% if 1 %}x{% endif %}',
  '";; } view: evil { sql_table_name: secrets ;;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: LookML's references look like this
  '${TABLE}.x @{CONSTANT} ${invoices.total}',
  '# no comment',
  'a\nb\tc\u0000d\u2028e',
  '\\" \\\\ \'',
  'Región – Ærø 🌍 ﷽',
  '{{{{%%}}}}',
  '',
  '   ',
];
const names = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.constantFrom('{', '}', '%', '$', '@', ';', '"', "'", '\\', '#', '-', '[', ']', ':', ' ', 'a'), {
      maxLength: 20,
    })
    .map((parts) => parts.join('')),
);

const line = { streams: catalogs.xero().streams.filter(({ name }) => ['bills', 'contacts'].includes(name)) };

test('a tracking category of any name is a dimension with a label, and nothing else', () => {
  const plain = parseProject(generate(tablesOf(line)));
  fc.assert(
    fc.property(
      fc.uniqueArray(names, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('postgres', 'databricks'),
      (given, dialect) => {
        const tracking = given.map((name, index) => ({
          id: `00000000-0000-0000-0000-00000000000${index}`,
          name,
        }));
        const project = parseProject(generate(tablesOf(line), { tracking, dialect: dialect as 'postgres' }));
        expect([...project.views.keys()]).toEqual([...plain.views.keys()]);
        expect([...project.explores.keys()]).toEqual([...plain.explores.keys()]);
        const added = (project.views.get('bills_line_items') ?? []).filter(({ name }) =>
          name.startsWith('tracking_'),
        );
        expect(added.length).toBe(trackingDimensions(tracking).length);
        for (const field of added) {
          expect(String(field.label)).not.toMatch(/\{\{|\{%|\$\{|@\{|;;|\n/);
          expect(String(field.sql)).toMatch(/TrackingCategoryID/);
          expect(String(field.sql)).not.toMatch(/DROP|\{\{|\{%/);
        }
        expect(brokenReferences(project)).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('the name of a tracking category reads on in its label', () => {
  const tracking = [{ id: 'a-1', name: "{{ 7 }}'; DROP TABLE x; --" }];
  const { views, dashboards } = parseProject(generate(tablesOf(line), { tracking }));
  const field = views.get('bills_line_items')?.find(({ name }) => name.startsWith('tracking_'));
  expect(field?.label).toBe("{ { 7 } }'; DROP TABLE x; --");
  expect(JSON.stringify(dashboards)).toContain("Spend by { { 7 } }'; DROP TABLE x; --");
});

test('another tracking category never renames one that is there', () => {
  fc.assert(
    fc.property(fc.uniqueArray(names, { minLength: 2, maxLength: 6 }), (given) => {
      const categories = given.map((name, index) => ({ id: String(index), name }));
      const nameOf = (id: string, all: typeof categories): string | undefined =>
        trackingDimensions(all).find(({ ids }) => ids.includes(id))?.name;
      for (const { id } of categories.slice(1))
        expect(nameOf(id, categories.slice(1))).toBe(nameOf(id, categories));
    }),
  );
});

test('categories of one name in several organisations are one dimension, others are not', () => {
  const dimensions = trackingDimensions([
    { id: '1', name: 'Region' },
    { id: '2', name: ' region ' },
    { id: '3', name: 'Region!' },
    { id: '4', name: 'Region?' },
    { id: '5', name: 'Cost Centre' },
  ]);
  expect(dimensions.map(({ ids }) => ids)).toEqual([['5'], ['1', '2'], ['3'], ['4']]);
  expect(dimensions.map(({ name }) => name).slice(0, 2)).toEqual(['tracking_cost_centre', 'tracking_region']);
  expect(new Set(dimensions.map(({ name }) => name)).size).toBe(4);
});

test('an identifier is one for LookML, and one that loses something carries a hash', () => {
  fc.assert(
    fc.property(names, (name) => {
      expect(identifier(name)).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(identifier(name)).toBe(identifier(name));
    }),
  );
  expect(['LineItems', 'TenantID', 'UpdatedDateUTC', 'Contact_Name', 'bills_Line'].map(identifier)).toEqual([
    'line_items',
    'tenant_id',
    'updated_date_utc',
    'contact_name',
    'bills_line',
  ]);
  expect(identifier('a!')).not.toBe(identifier('a?'));
  expect(identifier('2nd')).toBe('n_2nd');
});

test('an allocator gives every wish a name of its own, endings included', () => {
  const allocate = allocator(['count']);
  expect(allocate('count', { of: 'Count' })).toMatch(/^count_[0-9a-f]{6}$/);
  expect(allocate('due', { also: ['date', 'month'] })).toBe('due');
  expect(allocate('due_date', { of: 'due_date' })).toMatch(/^due_date_[0-9a-f]{6}$/);
});

test('text comes back from the parser as it was, but for what Looker would evaluate', () => {
  fc.assert(
    fc.property(names, (name) => {
      const parsed = parse(block('view', 'v', [text('label', name)]).join('\n')) as {
        view: { v: { label: string } };
      };
      expect(parsed.view.v.label).toBe(harmless(name));
      expect(harmless(name)).not.toMatch(/\{\{|\{%|%\}|\}\}|\$\{|@\{|;;|\p{Cc}/u);
      expect(harmless(name).replaceAll(/[\s\p{Cc}]/gu, '')).toBe(
        name.toWellFormed().replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]/gu, ''),
      );
    }),
  );
});

test('SQL that would be read as LookML is refused', () => {
  for (const sql of ['a ;; b', '{{ x }}', '{% x %}', 'a @{X}', 'a;'])
    expect(() => code('sql', sql)).toThrow(/would be read as LookML/);
});

test('tables and columns of any name are quoted, or left out where no spelling is safe', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(names, { minLength: 1, maxLength: 4, selector: (name) => name.trim().toLowerCase() }),
      fc.constantFrom('postgres', 'databricks'),
      (given, dialect) => {
        const properties = Object.fromEntries(given.map((name) => [name, { type: 'string' as const }]));
        const stream = (name: string): Stream => ({
          name,
          json_schema: {
            type: 'object' as const,
            properties: { key: { type: 'string' as const }, ...properties },
          },
          supported_sync_modes: ['full_refresh'],
          source_defined_primary_key: [['key']],
        });
        const files = generate(tablesOf({ streams: [stream('plain'), stream(given[0] ?? 'x')] }), {
          dialect: dialect as 'postgres',
        });
        expect(brokenReferences(parseProject(files))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('names and values of PostgreSQL and Databricks cannot leave their quotes', () => {
  fc.assert(
    fc.property(names, (name) => {
      expect(postgres.identifier(name)).toMatch(/^(U&)?"[^"{};$@]*"$/u);
      expect(databricks.identifier(name) ?? '``').toMatch(/^`([^`{};$@\\]|``)*`$/u);
      expect(postgres.literal(name)).toMatch(
        /^('[^'\\{};]*'|convert_from\(decode\('[0-9a-f]*', 'hex'\), 'UTF8'\))$/u,
      );
      expect(databricks.literal(name)).toMatch(/^('[^'\\{};]*'|decode\(unhex\('[0-9a-f]*'\), 'UTF-8'\))$/u);
    }),
  );
});
