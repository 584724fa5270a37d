// Contacts as customers and vendors: one record each, under names that are unique over both.
import type { Contact } from '../../books/index.ts';

export type Role = 'customer' | 'vendor';

export const ENTITY_OF_ROLE = { customer: 'Customer', vendor: 'Vendor' } as const;

/** One contact in one role. */
export class Party {
  readonly contact: Contact;
  readonly role: Role;
  /** Told apart from the same contact in its other role: names are unique over customers, vendors and employees. */
  readonly suffix: string;

  constructor(contact: Contact, role: Role, suffix: string) {
    this.contact = contact;
    this.role = role;
    this.suffix = suffix;
  }
}

export class Parties {
  readonly #byContact = new Map<Contact, Partial<Record<Role, Party>>>();

  of(contact: Contact, role: Role): Party | undefined {
    return this.#byContact.get(contact)?.[role];
  }

  all(contact: Contact): readonly Party[] {
    return Object.values(this.#byContact.get(contact) ?? {});
  }

  /** The party, and whether it is new. */
  ensure(contact: Contact, role: Role): { party: Party; isNew: boolean } {
    const held = this.#byContact.get(contact) ?? {};
    this.#byContact.set(contact, held);
    const found = held[role];
    if (found) return { party: found, isNew: false };
    const second = Object.keys(held).length > 0;
    const party = new Party(contact, role, second ? (role === 'vendor' ? ' (V)' : ' (C)') : '');
    held[role] = party;
    return { party, isNew: true };
  }
}
