// Who may do what: privileges on securables, inherited downwards, revocable one by one while a test runs.
import type { CatalogModel } from './model.ts';
import { failure } from './sql/errors.ts';

/** Unity Catalog privileges, and CAN USE on the warehouse. MANAGE stands for ownership: ALTER, REPLACE and DROP need it. */
export const privileges = [
  'CAN USE',
  'USE CATALOG',
  'USE SCHEMA',
  'CREATE SCHEMA',
  'CREATE TABLE',
  'CREATE VOLUME',
  'READ VOLUME',
  'WRITE VOLUME',
  'SELECT',
  'MODIFY',
  'MANAGE',
] as const;

export type Privilege = (typeof privileges)[number];

export interface GrantsControl {
  /** Takes a privilege away: from one securable (`catalog`, `catalog.schema`, `catalog.schema.object`), or everywhere. */
  revoke(privilege: Privilege, securable?: string): void;
  grant(privilege: Privilege, securable?: string): void;
  /** Every token issued so far stops working; a personal token too. */
  expireToken(): void;
}

export class Grants {
  readonly #everywhere: Set<Privilege>;
  readonly #exceptions = new Map<string, boolean>();
  readonly #model: CatalogModel;

  constructor(granted: readonly Privilege[], model: CatalogModel) {
    this.#everywhere = new Set(granted);
    this.#model = model;
  }

  change(privilege: Privilege, securable: string | undefined, allowed: boolean): void {
    if (securable !== undefined) {
      this.#exceptions.set(`${privilege} ${securable.toLowerCase()}`, allowed);
      return;
    }
    if (allowed) this.#everywhere.add(privilege);
    else this.#everywhere.delete(privilege);
    for (const key of this.#exceptions.keys())
      if (key.startsWith(`${privilege} `)) this.#exceptions.delete(key);
  }

  /** The nearest word on a securable wins: its own, its schema's, its catalog's, the general one. */
  has(privilege: Privilege, securable = this.#model.name): boolean {
    const parts = securable.toLowerCase().split('.');
    for (let length = parts.length; length > 0; length -= 1) {
      const exception = this.#exceptions.get(`${privilege} ${parts.slice(0, length).join('.')}`);
      if (exception !== undefined) return exception;
    }
    return this.#everywhere.has(privilege);
  }

  /** The first privilege missing for this work, together with the securable that lacks it; undefined when all are there. */
  missing(
    privilege: Privilege,
    securable: string,
  ): { privilege: Privilege; kind: string; name: string } | undefined {
    const [catalog = '', schema] = securable.split('.');
    if (!this.has('USE CATALOG', catalog))
      return { privilege: 'USE CATALOG', kind: 'Catalog', name: catalog };
    const schemaName = `${catalog}.${schema}`;
    if (schema !== undefined && privilege !== 'USE CATALOG' && !this.has('USE SCHEMA', schemaName))
      return { privilege: 'USE SCHEMA', kind: 'Schema', name: schemaName };
    if (this.has(privilege, securable)) return undefined;
    const kinds = ['', 'Catalog', 'Schema', privilege.endsWith('VOLUME') ? 'Volume' : 'Table'];
    return { privilege, kind: kinds[securable.split('.').length] ?? 'Table', name: securable };
  }

  /** INSUFFICIENT_PERMISSIONS unless the privilege is there. */
  demand(privilege: Privilege, securable: string): void {
    const lacking = this.missing(privilege, securable);
    if (lacking)
      throw failure(
        'INSUFFICIENT_PERMISSIONS',
        `Insufficient privileges: User does not have ${lacking.privilege} on ${lacking.kind} '${lacking.name}'.`,
      );
  }
}
