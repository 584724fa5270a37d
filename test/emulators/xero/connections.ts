// Connections: which organisations the user has connected to the app, and since when.
import { randomUUID } from 'node:crypto';
import type { Books } from '../../books/index.ts';
import { isoTicks } from './dates.ts';

export interface Connection {
  readonly id: string;
  authEventId: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly createdAt: number;
  updatedAt: number;
}

export class Connections {
  #rows: Connection[] = [];
  readonly #dropped = new Set<string>();

  /** Connects organisations in one consent; one that is connected already is only renewed. */
  connect(companies: readonly Books[], { authEventId, at }: { authEventId: string; at: number }): void {
    for (const { company } of companies) {
      this.#dropped.delete(company.id);
      const known = this.#rows.find((one) => one.tenantId === company.id);
      if (known) {
        known.authEventId = authEventId;
        known.updatedAt = at;
      } else
        this.#rows.push({
          id: randomUUID(),
          authEventId,
          tenantId: company.id,
          tenantName: company.name,
          createdAt: at,
          updatedAt: at + 3,
        });
    }
  }

  of(tenantId: string): Connection | undefined {
    return this.#rows.find((one) => one.tenantId === tenantId);
  }

  /** False when there is no such connection (its own id, not the tenant's). */
  disconnect(id: string): boolean {
    const before = this.#rows.length;
    for (const one of this.#rows) if (one.id === id) this.#dropped.add(one.tenantId);
    this.#rows = this.#rows.filter((one) => one.id !== id);
    return this.#rows.length < before;
  }

  /** Revocation drops every connection of the user. */
  disconnectAll(): void {
    for (const one of this.#rows) this.#dropped.add(one.tenantId);
    this.#rows = [];
  }

  /** Was this organisation connected once and then disconnected? */
  wasDropped(tenantId: string): boolean {
    return this.#dropped.has(tenantId);
  }

  /** The bare array of GET /connections. Dates are ISO without zone and with seven fraction digits. */
  json(authEventId: string | null): string {
    const rows = this.#rows.filter((one) => authEventId === null || one.authEventId === authEventId);
    return JSON.stringify(
      rows.map((one) => ({
        id: one.id,
        authEventId: one.authEventId,
        tenantId: one.tenantId,
        tenantType: 'ORGANISATION',
        tenantName: one.tenantName,
        createdDateUtc: isoTicks(one.createdAt),
        updatedDateUtc: isoTicks(one.updatedAt),
      })),
    );
  }
}
