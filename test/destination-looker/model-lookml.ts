// A generated project as a reader of LookML sees it: parsed, and its references followed.
import { createRequire } from 'node:module';
import { parse as parseYaml } from 'yaml';
import type { ModelFile } from '../../destination-looker/model/index.ts';

interface Parser {
  parse(text: string): Parsed;
}

export type Parsed = Readonly<Record<string, unknown>>;

const parser = createRequire(import.meta.url)('lookml-parser') as Parser;

export const parse = (text: string): Parsed => parser.parse(text);

export interface ParsedField {
  readonly kind: 'dimension' | 'dimension_group' | 'measure';
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface ParsedProject {
  readonly views: ReadonlyMap<string, readonly ParsedField[]>;
  readonly explores: ReadonlyMap<string, Parsed>;
  readonly dashboards: readonly Parsed[];
}

/** Throws with the file's name where the parser does. */
export function parseProject(files: readonly ModelFile[]): ParsedProject {
  const views = new Map<string, readonly ParsedField[]>();
  const explores = new Map<string, Parsed>();
  const dashboards: Parsed[] = [];
  for (const { path, content } of files) {
    if (path.endsWith('.lookml')) {
      dashboards.push(...(parseYaml(content) as Parsed[]));
      continue;
    }
    const parsed = parseNamed(path, content);
    for (const [name, view] of entries(parsed.view)) {
      if (views.has(name)) throw new Error(`${path}: a second view "${name}"`);
      views.set(name, fieldsOf(view));
    }
    for (const [name, explore] of entries(parsed.explore)) {
      if (explores.has(name)) throw new Error(`${path}: a second explore "${name}"`);
      explores.set(name, explore);
    }
  }
  return { views, explores, dashboards };
}

function parseNamed(path: string, content: string): Parsed {
  try {
    return parse(content);
  } catch (error) {
    throw new Error(`${path}: ${String(error)}`);
  }
}

const entries = (value: unknown): [string, Parsed][] =>
  Object.entries((value ?? {}) as Record<string, Parsed>).filter(([name]) => !name.startsWith('$'));

const kinds = ['dimension', 'dimension_group', 'measure'] as const;

const fieldsOf = (view: Parsed): readonly ParsedField[] =>
  kinds.flatMap((kind) => entries(view[kind]).map(([name, field]) => ({ ...field, kind, name })));

/** Names under which a field is asked for. */
export const queryNames = ({ kind, name, timeframes }: ParsedField): readonly string[] =>
  kind === 'dimension_group' ? (timeframes as string[]).map((frame) => `${name}_${frame}`) : [name];

/** Every reference and listed field of an explore that leads nowhere. */
export function brokenReferences(project: ParsedProject): readonly string[] {
  return [...project.explores].flatMap(([name, explore]) => {
    const joined = entries(explore.join).map(([join, { from }]) => [join, String(from ?? join)] as const);
    const base = String(explore.view_name ?? name);
    const known = new Map<string, ReadonlySet<string>>();
    for (const [alias, view] of [[base, base] as const, ...joined]) {
      const fields = project.views.get(view);
      if (!fields) return [`${name}: no view "${view}"`];
      known.set(alias, new Set(fields.flatMap(queryNames)));
    }
    const sqls = [
      ...entries(explore.join).map(([join, { sql_on }]) => ({ at: join, view: join, sql: String(sql_on) })),
      ...[[base, base] as const, ...joined].flatMap(([alias, view]) =>
        (project.views.get(view) ?? []).map((field) => ({
          at: `${alias}.${field.name}`,
          view: alias,
          sql: String(field.sql ?? ''),
        })),
      ),
    ];
    return sqls.flatMap(({ at, view, sql }) =>
      [...sql.matchAll(/\$\{([^}]*)\}/g)].flatMap(([, reference = '']) => {
        if (reference === 'TABLE') return [];
        const [first = '', second] = reference.split('.');
        const found = known.get(second === undefined ? view : first)?.has(second ?? first);
        return found ? [] : [`${name}: ${at} refers to "${reference}"`];
      }),
    );
  });
}
