// Schemas, tables, volumes and privileges as Unity Catalog's REST API shows them.
import { type Grants, privileges } from './grants.ts';
import {
  type CatalogModel,
  type Column,
  type Constraint,
  fullName,
  type Schema,
  type Table,
  type Volume,
} from './model.ts';
import { schemaJson, typeName, typeText } from './sql/types.ts';
import type { Switches } from './switches.ts';

interface Surroundings {
  readonly model: CatalogModel;
  readonly grants: Grants;
  readonly switches: Switches;
  readonly user: string;
}

export function schemaBody({ model }: Surroundings, schema: Schema): Record<string, unknown> {
  return {
    name: schema.name,
    catalog_name: model.name,
    full_name: `${model.name}.${schema.name}`,
    schema_id: schema.id,
    owner: 'admins',
    created_at: schema.createdAt,
    updated_at: schema.createdAt,
    securable_type: 'SCHEMA',
    ...(schema.comment === undefined ? {} : { comment: schema.comment }),
  };
}

export function volumeBody({ model, user }: Surroundings, volume: Volume): Record<string, unknown> {
  return {
    name: volume.name,
    catalog_name: model.name,
    schema_name: volume.schema,
    full_name: fullName(model, volume),
    volume_type: 'MANAGED',
    volume_id: volume.id,
    owner: user,
    created_at: volume.createdAt,
    updated_at: volume.createdAt,
    storage_location: `s3://metastore/volumes/${volume.id}`,
    ...(volume.comment === undefined ? {} : { comment: volume.comment }),
  };
}

export function tableBody({ model, user, switches }: Surroundings, table: Table): Record<string, unknown> {
  const clustering: Record<string, string> =
    table.clusterBy === 'auto'
      ? { clusterByAuto: 'true' }
      : table.clusterBy.length > 0
        ? { clusteringColumns: JSON.stringify(table.clusterBy.map((name) => [name])) }
        : {};
  return {
    name: table.name,
    catalog_name: model.name,
    schema_name: table.schema,
    full_name: fullName(model, table),
    table_type: 'MANAGED',
    data_source_format: 'DELTA',
    columns: table.columns.map((column, position) => columnBody(column, position, switches)),
    properties: { ...table.properties, ...clustering },
    ...(table.constraints.length > 0 ? { table_constraints: table.constraints.map(constraintBody) } : {}),
    ...(table.comment === undefined ? {} : { comment: table.comment }),
    table_id: table.id,
    owner: user,
    created_at: table.createdAt,
    updated_at: table.updatedAt,
    securable_type: 'TABLE',
  };
}

function columnBody(
  { name, type, nullable, comment }: Column,
  position: number,
  { catalogTypeCase }: Switches,
): Record<string, unknown> {
  const text = typeText(type);
  return {
    name,
    type_text: catalogTypeCase === 'lower' ? text.toLowerCase() : text,
    type_name: typeName(type),
    type_json: JSON.stringify({
      name,
      type: schemaJson(type),
      nullable,
      metadata: comment === undefined ? {} : { comment },
    }),
    type_precision: type.name === 'DECIMAL' ? type.precision : 0,
    type_scale: type.name === 'DECIMAL' ? type.scale : 0,
    position,
    nullable,
    ...(comment === undefined ? {} : { comment }),
  };
}

function constraintBody(constraint: Constraint): Record<string, unknown> {
  if (constraint.kind === 'primary key')
    return {
      primary_key_constraint: {
        name: constraint.name,
        child_columns: constraint.columns,
        rely: constraint.rely,
      },
    };
  return {
    foreign_key_constraint: {
      name: constraint.name,
      child_columns: constraint.columns,
      parent_table: constraint.parent,
      parent_columns: constraint.parentColumns,
    },
  };
}

/** What the caller may do on a securable; other principals hold nothing here. */
export function assignments(
  { grants, user, model }: Surroundings,
  name: string,
  principal: string | null,
): unknown[] {
  if (principal !== null && principal !== user) return [];
  const held = privileges
    .filter((privilege) => privilege !== 'CAN USE' && grants.has(privilege, name))
    .map((privilege) => ({
      privilege: privilege.replaceAll(' ', '_'),
      ...(name.includes('.') ? { inherited_from_type: 'CATALOG', inherited_from_name: model.name } : {}),
    }));
  return held.length > 0 ? [{ principal: user, privileges: held }] : [];
}
