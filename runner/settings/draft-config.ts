// A connector's configuration as a commented draft, made from its own spec.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { stringify } from 'yaml';
import { isBroughtByLogin } from './consent.ts';
import { specOf } from './specs.ts';

export interface DraftOptions {
  /** The pipeline that the connector is in. */
  readonly pipeline: string;
  /** Answers of the person by field, its parts joined by dots; the title of the choice for a field of several shapes. */
  readonly given: Readonly<Record<string, string>>;
}

/** A field that a draft fills in. */
export interface DraftField {
  /** Its parts joined by dots. */
  readonly path: string;
  readonly title: string;
  readonly example: string | undefined;
  /** Titles of the shapes it may have; empty for a plain value. */
  readonly choices: readonly string[];
}

/** What a first configuration has besides what is required: the value, or undefined for a variable. */
const beyond: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  'source-xero': { 'credentials.client_secret': undefined, start_date: '2024-01-01' },
  'source-quickbooks': { start_date: '2024-01-01' },
  'destination-databricks': { http_path: undefined, catalog: 'main', schema: 'ledger' },
  'destination-looker': { warehouse: undefined, schema: 'ledgerpipe' },
  'destination-powerbi': { workspace_name: undefined },
  'destination-tableau': { site: undefined, project: 'default' },
};

interface Part {
  readonly connector: string;
  readonly path: readonly string[];
  readonly indent: string;
  readonly options: DraftOptions;
}

/** Lines for below `config:`. A program without a known spec gets a hint alone. */
export function configDraft(connector: string, indent: string, options: DraftOptions): readonly string[] {
  const spec = specOf(connector);
  if (!spec) return [`${indent}# What the program asks for: ${connector} spec`];
  return [
    ...fieldLines(spec, { connector, path: [], indent, options }),
    `${indent}# Further fields, with their defaults (all of them: ${connector} spec):`,
    ...furtherLines(spec, { connector, path: [], indent, options }),
  ];
}

/** The fields that a person may be asked for: no secrets, nothing that has a default. */
export function askedFields(connector: string, given: DraftOptions['given']): readonly DraftField[] {
  const visit = (schema: JsonSchema, path: readonly string[]): readonly DraftField[] =>
    writtenFields(connector, schema, path).flatMap(({ name, property }) => {
      const field = [...path, name].join('.');
      if (isBroughtByLogin(field) || property.airbyte_secret === true) return [];
      const choices = optionsOf(property).map(({ title = '' }) => title);
      const asked = {
        path: field,
        title: property.title ?? name,
        example: property.examples?.toString().split(',')[0],
        choices,
      };
      const inner = visit(chosen(property, given[field]), [...path, name]);
      if (choices.length > 1) return [asked, ...inner];
      return property.type === 'string' && fixedValue(connector, property, field) === undefined
        ? [asked]
        : inner;
    });
  const spec = specOf(connector);
  return spec ? visit(spec, []) : [];
}

const ordered = ({ properties = {} }: JsonSchema): readonly (readonly [string, JsonSchema])[] =>
  Object.entries(properties).sort(
    ([, one], [, other]) => Number(one.order ?? 99) - Number(other.order ?? 99),
  );

const optionsOf = ({ oneOf }: JsonSchema): readonly JsonSchema[] =>
  Array.isArray(oneOf) ? (oneOf as readonly JsonSchema[]) : [];

/** The shape of that title, else the first; a field of one shape is its own. */
function chosen(property: JsonSchema, title: string | undefined): JsonSchema {
  const options = optionsOf(property);
  return options.find((option) => option.title === title) ?? options[0] ?? property;
}

function writtenFields(
  connector: string,
  schema: JsonSchema,
  path: readonly string[],
): readonly { readonly name: string; readonly property: JsonSchema }[] {
  const more = Object.keys(beyond[connector] ?? {});
  return ordered(schema)
    .filter(([name]) => schema.required?.includes(name) || more.includes([...path, name].join('.')))
    .map(([name, property]) => ({ name, property }));
}

function fieldLines(schema: JsonSchema, part: Part): readonly string[] {
  const { connector, indent, options } = part;
  return writtenFields(connector, schema, part.path).flatMap(({ name, property }) => {
    const path = [...part.path, name];
    const field = path.join('.');
    const titles = optionsOf(property).map(({ title = '' }) => title);
    const words = [property.description ?? '', titles.length > 1 ? `One of: ${titles.join('; ')}.` : ''];
    const comment = commentLines(words.filter(Boolean).join(' '), indent);
    if (isBroughtByLogin(field))
      return [
        `${indent}# ${name}: "ledgerpipe login ${options.pipeline}" brings it and keeps it in the vault`,
      ];
    const shape = chosen(property, options.given[field]);
    if (shape.properties)
      return [
        ...comment,
        `${indent}${name}:`,
        ...fieldLines(shape, { ...part, path, indent: `${indent}  ` }),
        ...furtherLines(shape, { ...part, path, indent: `${indent}  ` }),
      ];
    const value = options.given[field] ?? fixedValue(connector, property, field);
    const written = value === undefined ? variable(connector, path) : scalar(value);
    return [...comment, `${indent}${name}: ${written}`];
  });
}

function fixedValue(connector: string, property: JsonSchema, field: string): unknown {
  const more = beyond[connector] ?? {};
  if (property.const !== undefined) return property.const;
  if (field in more || property.airbyte_secret === true) return more[field];
  return property.default;
}

/** Fields with one value each, commented out. */
function furtherLines(schema: JsonSchema, { connector, indent, path }: Part): readonly string[] {
  const written = new Set(writtenFields(connector, schema, path).map(({ name }) => name));
  return ordered(schema)
    .filter(([name, { airbyte_hidden: hidden }]) => !hidden && !written.has(name))
    .filter(([, property]) => ['string', 'integer', 'number', 'boolean'].includes(String(property.type)))
    .map(([name, property]) => {
      const value = property.default ?? (property.examples as readonly unknown[] | undefined)?.[0];
      const secret = property.airbyte_secret === true;
      const line = `${indent}# ${name}: ${secret ? variable(connector, [...path, name]) : scalar(value)}`;
      const about = firstSentence(property.description ?? property.title ?? '');
      return line.length + about.length < widest ? `${line}    # ${about}` : line;
    });
}

const scalar = (value: unknown): string =>
  value === undefined ? '...' : stringify(value, { lineWidth: 0 }).trimEnd();

const variable = (connector: string, path: readonly string[]): string =>
  `\${${variableName(connector, path)}}`;

/** `credentials.client_id` of source-xero is XERO_CLIENT_ID. */
function variableName(connector: string, path: readonly string[]): string {
  const product = connector.replace(/^(source|destination)-/, '').replace(/.*\//, '');
  const parts = path.filter((part) => !['credentials', 'authentication', product].includes(part));
  return [product, ...parts].join('_').replace(/\W+/g, '_').toUpperCase();
}

const widest = 110;

function commentLines(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && indent.length + 2 + line.length + 1 + word.length > widest) {
      lines.push(line);
      line = '';
    }
    line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].filter(Boolean).map((words) => `${indent}# ${words}`);
}

const firstSentence = (text: string): string => text.split(/\.(\s|$)/)[0] ?? text;
