// All files of a project as models: includes followed, refinements and extensions applied, constants put in.
import { parse as parseYaml } from 'yaml';
import { checkBlocks } from './check.ts';
import { checkModel } from './check-model.ts';
import { exploreOf } from './explore.ts';
import { included } from './includes.ts';
import { type Explore, humanized, type Model, type ProjectProblem, type View } from './model.ts';
import { isProblem, listOf, merged, type Node, named, parseLookml, textOf } from './parse.ts';
import { viewOf } from './view.ts';

export interface Compiled {
  readonly models: ReadonlyMap<string, Model>;
  /** LookML dashboards by "model::name". */
  readonly dashboards: ReadonlyMap<string, Node>;
  readonly manifest: string | undefined;
  readonly problems: readonly ProjectProblem[];
}

interface File {
  readonly path: string;
  readonly node: Node;
}

type Report = (problem: ProjectProblem) => void;

/** Compiles the files of a workspace; what is wrong is listed, what is right still works. */
export function compileProject(files: ReadonlyMap<string, string>): Compiled {
  const problems: ProjectProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const manifest = parseLookml(files.get('manifest.lkml') ?? '');
  const constants = isProblem(manifest)
    ? new Map<string, string>()
    : new Map(named(manifest, 'constant').map(([name, one]) => [name, textOf(one, 'value') ?? '']));
  const parsed = new Map<string, Node>();
  for (const [path, source] of files) {
    if (!path.endsWith('.lkml')) continue;
    const tree = parseLookml(withConstants(source, { constants, path, report }));
    if (isProblem(tree))
      report({ severity: 'error', message: `Syntax error: ${tree.message}`, file: path, line: tree.line });
    else {
      checkBlocks(tree, { path, report });
      parsed.set(path, tree);
    }
  }
  const models = new Map<string, Model>();
  const dashboards = new Map<string, Node>();
  for (const [path, node] of parsed) {
    const name = /([^/]+)\.model\.lkml$/.exec(path)?.[1];
    if (name === undefined) continue;
    const paths = [...files.keys()];
    const reached = follow({ path, node }, { parsed, paths, report });
    models.set(name, modelOf(name, { path, node, files: reached.lookml, report }));
    for (const file of reached.dashboards)
      for (const one of dashboardsIn(file, { source: files.get(file) ?? '', report }))
        dashboards.set(`${name}::${String(one.dashboard)}`, one);
  }
  for (const model of models.values()) checkModel(model, report);
  const projectName = isProblem(manifest) ? undefined : textOf(manifest, 'project_name');
  return { models, dashboards, manifest: projectName, problems };
}

function withConstants(
  source: string,
  { constants, path, report }: { constants: ReadonlyMap<string, string>; path: string; report: Report },
): string {
  return source.replace(/@\{(\w+)\}/g, (whole, name: string) => {
    const value = constants.get(name);
    if (value === undefined)
      report({ severity: 'error', message: `Constant "${name}" is not in the manifest`, file: path });
    return value ?? whole;
  });
}

/** The files a model reaches through includes, itself first. */
function follow(
  start: File,
  { parsed, paths, report }: { parsed: ReadonlyMap<string, Node>; paths: readonly string[]; report: Report },
): { lookml: File[]; dashboards: string[] } {
  const lookml = new Map([[start.path, start]]);
  const dashboards = new Set<string>();
  for (const file of lookml.values())
    for (const pattern of listOf(file.node, 'include')) {
      const found = included(pattern, { from: file.path, paths });
      if (found.length === 0)
        report({ severity: 'error', message: `Include "${pattern}" matches no file`, file: file.path });
      for (const path of found) {
        const node = parsed.get(path);
        if (/\.dashboard\.lookml$/.test(path)) dashboards.add(path);
        else if (node) lookml.set(path, { path, node });
      }
    }
  return { lookml: [...lookml.values()], dashboards: [...dashboards] };
}

function modelOf(
  name: string,
  { path, node, files, report }: File & { files: readonly File[]; report: Report },
): Model {
  const connection = textOf(node, 'connection');
  if (connection === undefined)
    report({ severity: 'error', message: `Model "${name}" names no connection`, file: path, model: name });
  const views = new Map<string, View>();
  for (const [view, { node: block, file }] of gathered(files, { kind: 'view', report })) {
    if (textOf(block, 'extension') === 'required') continue;
    views.set(view, viewOf(view, { node: block, file, problem: report }));
  }
  const explores = new Map<string, Explore>();
  for (const [explore, { node: block, file }] of gathered(files, { kind: 'explore', report }))
    if (textOf(block, 'extension') !== 'required')
      explores.set(explore, exploreOf(explore, { node: block, file }));
  return {
    ...{ name, node, connection: connection ?? '', label: textOf(node, 'label') ?? humanized(name) },
    ...{ views, explores, files: files.map((file) => file.path) },
    fiscalOffset: Number(textOf(node, 'fiscal_month_offset') ?? 0),
    datagroups: files.flatMap((file) =>
      named(file.node, 'datagroup').map(([datagroup, one]) => ({
        name: datagroup,
        sqlTrigger: textOf(one, 'sql_trigger')?.trim(),
        interval: textOf(one, 'interval_trigger'),
        maxCacheAge: textOf(one, 'max_cache_age'),
      })),
    ),
  };
}

type Gathered = Map<string, { node: Node; file: string }>;

/** Views or explores by name, refinements (`+name`) laid over them in the order of includes, then `extends`. */
function gathered(files: readonly File[], { kind, report }: { kind: string; report: Report }): Gathered {
  const plain: Gathered = new Map();
  const blocks = files.flatMap(({ path, node }) =>
    named(node, kind).map(([name, one]) => ({ name, node: one, file: path })),
  );
  for (const { name, node, file } of blocks.filter((one) => !one.name.startsWith('+'))) {
    if (plain.has(name))
      report({ severity: 'error', message: `The ${kind} "${name}" is declared twice`, file });
    plain.set(name, { node, file });
  }
  for (const { name, node, file } of blocks.filter((one) => one.name.startsWith('+'))) {
    const base = plain.get(name.slice(1));
    if (base) plain.set(name.slice(1), { file: base.file, node: merged(base.node, node) });
    else report({ severity: 'error', message: `There is no ${kind} "${name.slice(1)}" to refine`, file });
  }
  const extended = (name: string, above: readonly string[]): Node => {
    const found = plain.get(name);
    if (!found) return {};
    const parents = listOf(found.node, 'extends');
    let result: Node = {};
    for (const parent of parents) {
      if (!plain.has(parent) || above.includes(parent)) {
        report({
          severity: 'error',
          message: `The ${kind} "${name}" cannot extend "${parent}"`,
          file: found.file,
        });
        continue;
      }
      const { extension: _, ...rest } = extended(parent, [...above, name]);
      result = merged(result, rest);
    }
    return merged(result, found.node);
  };
  return new Map([...plain].map(([name, { file }]) => [name, { file, node: extended(name, [name]) }]));
}

/** A LookML dashboard file is YAML: a list of dashboards. */
export function dashboardsIn(path: string, { source, report }: { source: string; report: Report }): Node[] {
  try {
    const value: unknown = parseYaml(source);
    const list = (Array.isArray(value) ? value : [value]) as Node[];
    const good = list.filter(
      (one) => one !== null && typeof one === 'object' && typeof one.dashboard === 'string',
    );
    if (good.length < list.length)
      report({ severity: 'error', message: 'A dashboard has no name', file: path });
    return good;
  } catch (error) {
    report({ severity: 'error', message: `No YAML: ${(error as Error).message.split('\n')[0]}`, file: path });
    return [];
  }
}
