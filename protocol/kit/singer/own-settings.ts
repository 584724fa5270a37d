// The settings that every tap and target has beside its connector's own, and which of them a connector's own fulfil.
import { isObject, type JsonSchema, type LoadMethod, loadMethods } from '../../index.ts';

export interface TapSettings {
  readonly emit_activate_version_messages: boolean;
}

export interface TargetSettings {
  readonly load_method: LoadMethod;
  readonly add_record_metadata: boolean;
  readonly process_activate_version_messages: boolean;
  readonly validate_records: boolean;
  readonly default_target_schema?: string;
  readonly hard_delete?: boolean;
  readonly batch_size_rows?: number;
}

type Properties = Readonly<Record<string, JsonSchema>>;

const tapProperties: Properties = {
  emit_activate_version_messages: {
    type: 'boolean',
    title: 'Emit ACTIVATE_VERSION',
    description:
      'Streams that are read as a whole carry a version, and ACTIVATE_VERSION when they are complete, so that a target can drop older rows.',
    default: false,
  },
};

const targetProperties: Properties = {
  load_method: {
    type: 'string',
    enum: loadMethods,
    title: 'Load method',
    description:
      '"append-only" keeps every version of a record, "upsert" the newest for each key (streams without key properties are appended), "overwrite" replaces each table once the input is complete. A tap sends some records twice, so upsert is the default here.',
    default: 'upsert' satisfies LoadMethod,
  },
  add_record_metadata: {
    type: 'boolean',
    title: 'Add record metadata',
    description:
      'Adds the columns _sdc_extracted_at, _sdc_received_at, _sdc_batched_at, _sdc_deleted_at, _sdc_sequence and _sdc_table_version.',
    default: false,
  },
  process_activate_version_messages: {
    type: 'boolean',
    title: 'Process ACTIVATE_VERSION',
    description: 'Rows of other versions of a table go once the tap has activated the new one.',
    default: true,
  },
  validate_records: {
    type: 'boolean',
    title: 'Validate records',
    description:
      'Ends the run at the first record that does not satisfy its schema. Off: a value that does not fit its column becomes null and is listed beside it.',
    default: false,
  },
  default_target_schema: {
    type: 'string',
    title: 'Default target schema',
    description: 'Schema for the tables, whatever the names of the streams say.',
  },
  hard_delete: {
    type: 'boolean',
    title: 'Hard delete',
    description: 'Deleted records lose their row; otherwise it stays, marked as deleted.',
  },
  batch_size_rows: {
    type: 'integer',
    minimum: 1,
    title: 'Batch size',
    description: 'Records are delivered at the latest when there are this many of a stream.',
  },
};

/** A Singer setting that fills in a field of the connector's own configuration, where its spec has that field. */
interface Fulfilled {
  readonly setting: string;
  readonly field: string;
  readonly value: (given: unknown) => unknown;
}

const fulfilled: readonly Fulfilled[] = [
  { setting: 'hard_delete', field: 'deletion', value: (given) => (given === true ? 'hard' : 'soft') },
  { setting: 'default_target_schema', field: 'schema', value: (given) => given },
  { setting: 'batch_size_rows', field: 'segment_rows', value: (given) => given },
];

/** Settings that mean nothing to a connector without the field that fulfils them. */
const needField: ReadonlySet<string> = new Set(['hard_delete', 'batch_size_rows']);

export interface OwnSettings {
  /** Those that this connector offers. */
  readonly properties: Properties;
  /** The connector's fields that these settings fill in. */
  fields(values: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Whether a field of the connector's takes the place of this setting. */
  fulfils(setting: string): boolean;
}

/** Singer's settings for a connector. A field of the same name in its spec is the connector's and not listed here. */
export function ownSettings(kind: 'tap' | 'target', spec: JsonSchema): OwnSettings {
  const declared = spec.properties ?? {};
  const rows = fulfilled.filter(({ field, value }) => {
    const property = declared[field];
    const allowed = isObject(property) && Array.isArray(property.enum) ? property.enum : undefined;
    return property && (!allowed || allowed.includes(value(true)));
  });
  const fulfils = (setting: string) => rows.some((row) => row.setting === setting);
  const all = kind === 'tap' ? tapProperties : targetProperties;
  const offered = Object.entries(all).filter(
    ([name]) => !(name in declared) && (!needField.has(name) || fulfils(name)),
  );
  return {
    properties: Object.fromEntries(offered),
    fulfils,
    fields: (values) =>
      Object.fromEntries(
        rows.flatMap(({ setting, field, value }) =>
          values[setting] === undefined ? [] : [[field, value(values[setting])]],
        ),
      ),
  };
}
