// The tables of one run as Unity Catalog has them: read once each, made and changed only where a plan differs.
import { configError, type LogLevel } from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import { type FoundTable, findTable } from './api/catalog.ts';
import type { Api } from './api.ts';
import { explainFailure, remedyOf, type Statements } from './execute.ts';
import { commitLogDescription, commitLogLayout } from './sql/commits.ts';
import * as ddl from './sql/ddl.ts';
import { type Evolution, evolve, growingProperties, unusableKeys } from './sql/evolve.ts';
import { allowedParentColumns, wantedForeignKeys } from './sql/foreign-keys.ts';
import { type CurrentTable, type Layout, layoutFor, tableOf, wantedLayout } from './sql/layout.ts';
import { constraintName, fullName, type Place, qualified } from './sql/names.ts';

/** A table that can take the plan's rows. */
export interface Ready {
  readonly plan: TablePlan;
  /** Qualified and quoted. */
  readonly target: string;
  readonly table: CurrentTable;
  readonly layout: Layout;
}

export interface TablesOptions {
  readonly api: Api;
  readonly place: Place;
  readonly statements: Statements;
  readonly constraints: ddl.Constraints;
  readonly clusterByAuto: boolean;
  readonly log: (level: LogLevel, message: string) => Promise<void>;
}

/** The property that tells which stream a table holds. */
export const streamProperty = 'ledgerpipe.stream';

/** The property that tells up to which generation older rows are gone. */
export const generationProperty = 'ledgerpipe.generation';

export class Tables {
  readonly #options: TablesOptions;
  readonly #found = new Map<string, Promise<CurrentTable | undefined>>();
  /** Whose rows a table takes in this run. */
  readonly #owners = new Map<string, { readonly stream: string; readonly plan: string }>();
  /** Changes that Databricks refused, by table and what: not tried again in this run. */
  readonly #refused = new Set<string>();
  readonly #told = new Set<string>();

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  qualified(table: string): string {
    return qualified(this.#options.place, table);
  }

  /** The table of that name, asked for once per run. Throws a config error when something else has the name. */
  find(table: string): Promise<CurrentTable | undefined> {
    const known = this.#found.get(table);
    if (known) return known;
    const asked = this.#ask(table);
    this.#found.set(table, asked);
    return asked;
  }

  /** The next `find` asks again. */
  forget(table: string): void {
    this.#found.delete(table);
  }

  /** The tables that took rows of a stream in this run. */
  ofStream(stream: string): ReadonlySet<string> {
    return new Set([...this.#owners].flatMap(([name, owner]) => (owner.stream === stream ? [name] : [])));
  }

  /** Sets properties of a table, if Databricks lets us: they only spare work. */
  async mark(table: string, properties: Readonly<Record<string, string>>): Promise<void> {
    const purpose = `mark table "${fullName(this.#options.place, table)}"`;
    await this.#try(ddl.setProperties(this.qualified(table), properties), { table, purpose });
  }

  /** Makes the table or brings it up to the plan. */
  async ensure(plan: TablePlan): Promise<Ready> {
    const name = tableOf(plan);
    this.#claim(name, plan);
    const found = (await this.find(name)) ?? (await this.#create(plan));
    const table = await this.#grow(plan, found);
    return { plan, target: this.qualified(name), table, layout: layoutFor(plan, table) };
  }

  /** Makes the commit log when it is missing, and gives its target. */
  async ensureCommitLog(): Promise<string> {
    const { table } = commitLogLayout;
    const target = this.qualified(table);
    if (await this.find(table)) return target;
    const statement = ddl.createTable({
      target,
      layout: commitLogLayout,
      foreignKeys: [],
      clusterByAuto: this.#options.clusterByAuto,
      properties: growingProperties,
      description: commitLogDescription,
    });
    await this.#apply(statement, `create the commit log "${fullName(this.#options.place, table)}"`);
    this.#put(madeFrom(commitLogLayout, { properties: growingProperties }));
    return target;
  }

  /** Adds the foreign keys that could not be made with the table: to later tables, to itself. */
  async link({ plan, table: { name } }: Ready): Promise<void> {
    const table = await this.find(name);
    if (!table) return;
    const keys = await this.#foreignKeys(plan, table, { ask: false });
    const missing = keys.filter((key) => !table.foreignKeys.includes(key.name.toLowerCase()));
    const added: string[] = [];
    for (const key of missing) {
      const purpose = `add the foreign key "${key.name}"`;
      if (await this.#try(ddl.addForeignKey(this.qualified(name), key), { table: name, purpose }))
        added.push(key.name.toLowerCase());
    }
    if (added.length > 0) this.#put({ ...table, foreignKeys: [...table.foreignKeys, ...added] });
  }

  /** Two streams in one table would take each other's rows for their own. */
  #claim(table: string, { name, declaration: { stream } }: TablePlan): void {
    const owner = this.#owners.get(table);
    this.#owners.set(table, owner ?? { stream, plan: name });
    if (owner && (owner.stream !== stream || owner.plan !== name))
      throw configError(
        `Cannot write stream "${stream}": stream "${owner.stream}" has a table "${table}" too, leave one out or write it to another "schema"`,
        { stream },
      );
  }

  async #ask(table: string): Promise<FoundTable | undefined> {
    const { api, place } = this.#options;
    const found = await findTable(api, place, table);
    const isView = found !== undefined && /VIEW/.test(found.kind);
    if (isView || (found && !['', 'DELTA'].includes(found.format)))
      throw configError(
        `Cannot write table "${fullName(place, table)}": ${isView ? 'a view' : `a table in ${found.format}`} has that name, drop it or choose another "schema"`,
      );
    return found;
  }

  async #create(plan: TablePlan): Promise<CurrentTable> {
    const { constraints, clusterByAuto, place } = this.#options;
    const layout = wantedLayout(plan);
    const { stream, retireBelow } = plan.declaration;
    const properties = {
      ...growingProperties,
      [streamProperty]: stream,
      ...(retireBelow > 0 ? { [generationProperty]: String(retireBelow) } : {}),
    };
    const keyed = constraints !== 'none' && layout.keys.length > 0 && plan.mode !== 'append';
    const wanted = madeFrom(layout, { properties, ...(keyed ? { primaryKey: layout.keys } : {}) });
    const foreignKeys = await this.#foreignKeys(plan, wanted, { ask: true });
    const statement = ddl.createTable({
      target: this.qualified(layout.table),
      layout,
      ...(keyed
        ? { primaryKey: { name: constraintName('pk', [layout.table]), rely: constraints === 'rely' } }
        : {}),
      foreignKeys,
      clusterByAuto,
      properties,
      description: plan.description,
    });
    await this.#apply(statement, `create table "${fullName(place, layout.table)}"`);
    const created = { ...wanted, foreignKeys: foreignKeys.map(({ name }) => name.toLowerCase()) };
    this.#put(created);
    return created;
  }

  async #grow(plan: TablePlan, table: CurrentTable): Promise<CurrentTable> {
    const { place } = this.#options;
    const lost = unusableKeys(plan, table)[0];
    if (lost)
      throw configError(
        `Cannot write table "${fullName(place, table.name)}": its key column "${lost.name}" is ${lost.type.text} but the stream's keys are ${lost.wanted.text}, drop the table or choose another "schema"`,
        { stream: plan.declaration.stream },
      );
    const due = evolve(plan, table);
    const grown = await this.#evolve(table, due);
    for (const { name, type, wanted } of due.kept)
      await this.#warn(
        `Column "${name}" of table "${table.name}" is ${type.text} and cannot become ${wanted.text}: values that do not fit it become NULL and are noted in _airbyte_meta`,
      );
    this.#put(grown);
    return grown;
  }

  async #evolve(table: CurrentTable, due: Evolution): Promise<CurrentTable> {
    const target = this.qualified(table.name);
    const named = `table "${fullName(this.#options.place, table.name)}"`;
    let { columns, properties } = table;
    if (Object.keys(due.properties).length > 0) {
      const purpose = `set properties of ${named}`;
      if (await this.#try(ddl.setProperties(target, due.properties), { table: table.name, purpose }))
        properties = { ...properties, ...due.properties };
    }
    if (due.add.length > 0) {
      await this.#apply(ddl.addColumns(target, due.add), `add columns to ${named}`);
      columns = [...columns, ...due.add.map(({ name, type }) => ({ name, type, nullable: true }))];
    }
    for (const { name, type } of due.widen) {
      const purpose = `widen column "${name}" of ${named} to ${type.text}`;
      if (await this.#try(ddl.changeType(target, name, type), { table: table.name, purpose }))
        columns = columns.map((column) => (column.name === name ? { ...column, type } : column));
    }
    for (const name of due.relax) {
      const purpose = `let column "${name}" of ${named} be NULL`;
      if (await this.#try(ddl.dropNotNull(target, name), { table: table.name, purpose }))
        columns = columns.map((column) => (column.name === name ? { ...column, nullable: true } : column));
    }
    return { ...table, columns, properties };
  }

  /** Foreign keys that the tables there allow. `ask`: also look for parents that this run has not met. */
  async #foreignKeys(
    plan: TablePlan,
    table: CurrentTable,
    { ask }: { readonly ask: boolean },
  ): Promise<readonly ddl.ForeignKey[]> {
    if (this.#options.constraints === 'none') return [];
    const keys: ddl.ForeignKey[] = [];
    for (const wanted of wantedForeignKeys(plan)) {
      const parent = ask || this.#found.has(wanted.parent) ? await this.find(wanted.parent) : undefined;
      const parentColumns = parent && allowedParentColumns(wanted, table, parent);
      if (parentColumns) keys.push({ ...wanted, parent: this.qualified(wanted.parent), parentColumns });
    }
    return keys;
  }

  /** Runs a statement that must succeed; that its work is done already is success, but of unknown shape. */
  async #apply(statement: string, purpose: string): Promise<void> {
    const outcome = await this.#options.statements.run(statement, purpose);
    if (!outcome.ok && remedyOf(outcome.failure) !== 'present')
      throw explainFailure(outcome.failure, purpose);
  }

  /** Runs a statement that the load can do without; tells a refusal once and does not try it again. */
  async #try(
    statement: string,
    { table, purpose }: { readonly table: string; readonly purpose: string },
  ): Promise<boolean> {
    if (this.#refused.has(`${table} ${purpose}`)) return false;
    const outcome = await this.#options.statements.run(statement, purpose);
    if (outcome.ok || remedyOf(outcome.failure) === 'present') return true;
    this.#refused.add(`${table} ${purpose}`);
    await this.#warn(`${explainFailure(outcome.failure, purpose).message}; the load goes on without it`);
    return false;
  }

  async #warn(message: string): Promise<void> {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    await this.#options.log('WARN', message);
  }

  #put(table: CurrentTable): void {
    this.#found.set(table.name, Promise.resolve(table));
  }
}

/** A table as it is right after it was made from a layout. */
function madeFrom(
  { table, columns }: Layout,
  about: { readonly properties: Readonly<Record<string, string>>; readonly primaryKey?: readonly string[] },
): CurrentTable {
  return {
    name: table,
    columns: columns.map(({ name, type }) => ({ name, type, nullable: !about.primaryKey?.includes(name) })),
    foreignKeys: [],
    ...about,
  };
}
