// Semantic models in Direct Lake mode over a mirrored database: definitions as TMSL, rows taken from the mirror for every query.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Dataset, Datasets } from '../powerbi/datasets.ts';
import type { TableDefinition } from '../powerbi/definitions.ts';
import { relationshipsOf } from '../powerbi/relationships.ts';
import type { Routes } from '../routes.ts';
import { columnReader, type ReadColumn } from './direct-lake.ts';
import { quoted } from './engine.ts';
import { at, definitionPart, fabricBody, fabricError, fabricJson } from './fabric-answers.ts';
import type { FabricParts, MirroredDatabase } from './mirrored-databases.ts';

interface Entity {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ReadColumn[];
}

export function semanticModelCalls(parts: FabricParts & { readonly datasets: Datasets }): Routes {
  const { access, datasets, operations, switches } = parts;
  const root = '/workspaces/*/semanticModels';
  const models = (workspace: string): readonly Dataset[] =>
    datasets.in(workspace).filter(({ mode }) => mode === 'DirectLake');
  const find = (workspace: string, id: string): Dataset => {
    const found = models(workspace).find((one) => one.id === id);
    if (!found) throw fabricError(404, 'ItemNotFound', 'The requested item could not be found.');
    return found;
  };
  return {
    [`GET ${root}`]: (_, [workspace = '']) => {
      access.workspace(workspace, 'read');
      return fabricJson(200, { value: models(workspace).map(describe) });
    },
    [`POST ${root}`]: ({ body }, [workspace = '']) => {
      access.workspace(workspace, 'write');
      return operations.created(describe(create(parts, workspace, fabricBody(body))), switches.itemCreation);
    },
    [`GET ${root}/*`]: (_, [workspace = '', id = '']) => {
      access.workspace(workspace, 'read');
      return fabricJson(200, describe(find(workspace, id)));
    },
    [`DELETE ${root}/*`]: (_, [workspace = '', id = '']) => {
      access.workspace(workspace, 'write');
      datasets.remove(find(workspace, id));
      return { status: 200 };
    },
  };
}

const describe = ({ id, name, workspaceId }: Dataset) => ({
  id,
  type: 'SemanticModel',
  displayName: name,
  description: '',
  workspaceId,
});

function create(
  parts: FabricParts & { readonly datasets: Datasets },
  workspaceId: string,
  fields: Readonly<Record<string, unknown>>,
): Dataset {
  if (typeof fields.displayName !== 'string' || fields.displayName === '')
    throw fabricError(400, 'InvalidInput', 'The DisplayName field is required.');
  definitionPart(fields, 'definition.pbism');
  const model = at(definitionPart(fields, 'model.bim'), 'model');
  const text = JSON.stringify(at(model, 'expressions') ?? []);
  const source = parts.databases.find(({ id, endpointId }) => text.includes(id) || text.includes(endpointId));
  if (!source)
    throw fabricError(
      400,
      'InvalidDefinitionContent',
      'model.bim: no expression names a mirrored database of this workspace.',
    );
  const entities: Entity[] = [];
  const tables = listOf(at(model, 'tables')).map((one) => {
    const { definition, entity } = tableOf(one);
    entities.push(entity);
    return definition;
  });
  const relationships = relationshipsOf(listOf(at(model, 'relationships')).map(relationship), tables);
  const dataset = parts.datasets.add({
    name: fields.displayName,
    workspaceId,
    mode: 'DirectLake',
    tables,
    relationships,
    load: () => load(parts, { source, dataset, entities }),
  });
  return dataset;
}

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** TMSL writes long expressions as lists of lines. */
const expressionOf = (value: unknown): string => (Array.isArray(value) ? value.join('\n') : String(value));

const relationship = (fields: Readonly<Record<string, unknown>>) => ({
  name: `r${String(fields.name).replaceAll(/[^\w -]/g, '')}`.slice(0, 100),
  fromTable: fields.fromTable,
  fromColumn: fields.fromColumn,
  toTable: fields.toTable,
  toColumn: fields.toColumn,
  ...(fields.crossFilteringBehavior === 'bothDirections' ? { crossFilteringBehavior: 'BothDirections' } : {}),
});

function tableOf(fields: Readonly<Record<string, unknown>>): { definition: TableDefinition; entity: Entity } {
  const [partition] = listOf(fields.partitions);
  const columns = listOf(fields.columns).map(columnReader);
  if (at(partition, 'source', 'type') !== 'entity' || at(partition, 'mode') !== 'directLake')
    throw fabricError(
      400,
      'InvalidDefinitionContent',
      `model.bim: table "${String(fields.name)}" needs one partition of mode directLake over an entity.`,
    );
  return {
    definition: {
      name: String(fields.name),
      columns,
      measures: listOf(fields.measures).map(({ name, expression }) => ({
        name: String(name),
        expression: expressionOf(expression),
      })),
    },
    entity: {
      schema: String(at(partition, 'source', 'schemaName') ?? 'dbo'),
      name: String(at(partition, 'source', 'entityName')),
      columns,
    },
  };
}

/** Direct Lake sees the newest version of the mirror without a refresh. */
async function load(
  { engine }: FabricParts,
  { source, dataset, entities }: { source: MirroredDatabase; dataset: Dataset; entities: readonly Entity[] },
): Promise<void> {
  await source.replication.catchUp();
  for (const [index, { schema, name, columns }] of entities.entries()) {
    const stored = dataset.tables[index];
    const mirrored = source.replication.tables.find((one) => one.schema === schema && one.name === name);
    if (!stored || !mirrored || mirrored.columns.size === 0) continue;
    const absent = columns.find(({ sourceColumn }) => !mirrored.columns.has(sourceColumn));
    if (absent)
      throw fabricError(400, 'DirectLakeError', `Column "${absent.sourceColumn}" is not in table "${name}".`);
    const list = columns.map(({ select, sourceColumn }) => select(quoted(sourceColumn))).join(', ');
    const { rows } = await engine.run(`SELECT ${list} FROM ${quoted(mirrored.table)}`);
    stored.clear();
    stored.append(
      rows.map((row) => columns.map(({ read }, at) => read(row[at] ?? null))),
      0,
    );
  }
}
