// One QuickBooks company over a set of books: its shelves, kept in step with the books' change log.
import type {
  Account,
  Books,
  Change,
  Contact,
  Document,
  Item,
  Journal,
  TableName,
} from '../../books/index.ts';
import { hashText } from '../../books/random.ts';
import { Balances } from './balances.ts';
import { ENTITIES } from './entities.ts';
import { Extra, extrasOf } from './extras.ts';
import { openingRows, ownRows } from './opening.ts';
import { ENTITY_OF_ROLE, Parties, type Role } from './parties.ts';
import { type ServiceItem, serviceItems } from './service-items.ts';
import { type Row, Shelf } from './shelf.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { partyOf, type View, type ViewContext, viewsOf } from './views.ts';
import type { WebhookEvent } from './webhook-events.ts';
import { operationOf } from './webhook-operations.ts';

/** 19 digits, beyond what a double holds: realm ids are text. */
function realmOf(companyId: string): string {
  const [left, right] = [hashText(companyId), hashText(`${companyId} realm`)];
  return `9341${String(left % 10_000_000).padStart(7, '0')}${String(right % 100_000_000).padStart(8, '0')}`;
}

export class Company {
  readonly realmId: string;
  readonly books: Books;
  readonly switches: QuickbooksSwitches;
  readonly parties = new Parties();
  readonly services: ReadonlyMap<Account, ServiceItem>;
  readonly balances: Balances;
  /** The bundle that some sales lines are wrapped in. */
  readonly bundle: Extra;
  readonly companyInfo = new Extra({});
  readonly preferences = new Extra({});
  readonly #shelves = new Map<string, Shelf>();
  readonly #views: ViewContext;
  #position: number;
  #events: WebhookEvent[] = [];
  /** When the books were last looked at: whatever changed since cannot be older. */
  #lookedAt = 0;

  constructor(books: Books, switches: QuickbooksSwitches) {
    this.books = books;
    this.switches = switches;
    this.realmId = realmOf(books.company.id);
    this.services = serviceItems(books);
    this.balances = new Balances(books);
    this.#position = books.changes.length;
    const attachments = new WeakMap<Document, never>();
    const setUpAt = books.company.createdAt;
    this.#views = { categories: books.trackingCategories, attachments, taxParts: new Map(), setUpAt };
    for (const entity of ENTITIES.values()) this.#shelves.set(entity.name, new Shelf(entity));
    this.bundle = this.#load();
  }

  get name(): string {
    return this.books.company.name;
  }

  shelf(entity: string): Shelf {
    const shelf = this.#shelves.get(entity);
    if (!shelf) throw new Error(`Cannot find a shelf for "${entity}"`);
    return shelf;
  }

  /** The id of a record in an entity; undefined when it is not there (any more). */
  idOf(entity: string, record: object): string | undefined {
    return this.shelf(entity).of(record)?.id;
  }

  partsOf(code: Parameters<ViewContext['taxParts']['get']>[0]) {
    return this.#views.taxParts.get(code) ?? [];
  }

  /** Takes in what happened to the books since the last look; `now` is the server's clock. */
  follow(now: number): void {
    const { changes } = this.books;
    for (; this.#position < changes.length; this.#position += 1) {
      const change = changes[this.#position];
      if (change) this.#take(change);
    }
    this.#lookedAt = Math.max(this.#lookedAt, now);
  }

  /** Adds a record the books know nothing of; gives its id. */
  addExtra(entity: string, fields: Readonly<Record<string, unknown>>, at: number): string {
    const record = new Extra(fields);
    const row = this.shelf(entity).add({ record, createdAt: at, updatedAt: at, active: true });
    this.#raise(entity, row, { operation: 'Create', at });
    return row.id;
  }

  /** Changes a record that is not of the books. */
  changeExtra(
    entity: string,
    id: string,
    { fields = {}, active, at }: { fields?: Readonly<Record<string, unknown>>; active?: boolean; at: number },
  ): void {
    const { shelf, row, record } = this.#extra(entity, id);
    record.fields = { ...record.fields, ...fields };
    this.#raise(entity, row, {
      operation: operationOf(row, { shown: true, active: active ?? row.active }, this.switches),
      at,
    });
    shelf.touch(row, at, { active: active ?? row.active });
  }

  /** Deletes a record that is not of the books, for good. */
  deleteExtra(entity: string, id: string, at: number): void {
    const { shelf, row } = this.#extra(entity, id);
    this.#raise(entity, row, { operation: 'Delete', at });
    shelf.erase(row, at);
  }

  #extra(entity: string, id: string): { shelf: Shelf; row: Row; record: Extra } {
    const shelf = this.shelf(entity);
    const row = shelf.find(id);
    if (!(row?.record instanceof Extra))
      throw new Error(`Cannot change ${entity} ${id}: it is not there, or it belongs to the books`);
    return { shelf, row, record: row.record };
  }

  /** Events since they were last taken. */
  takeEvents(): WebhookEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  #raise(entity: string, row: Row, { operation, at }: Pick<WebhookEvent, 'operation' | 'at'>): void {
    const { record, id } = row;
    const loser = operation === 'Merge' && 'contact' in record ? (record.contact as Contact) : undefined;
    const role: Role = entity === 'Vendor' ? 'vendor' : 'customer';
    const winner = loser?.mergedInto && this.parties.of(loser.mergedInto, role);
    const winnerId = winner && this.idOf(entity, winner);
    const merged = winnerId === undefined ? { operation, id } : { operation, id: winnerId, deletedId: id };
    this.#events.push({ realmId: this.realmId, entity, at, ...merged });
  }

  #load(): Extra {
    const extras = extrasOf(this.books);
    for (const { entity, row } of openingRows(this, { extras, views: this.#views }))
      this.shelf(entity).add(row);
    if (this.switches.propagation)
      for (const journal of this.books.journals) this.#propagate(journal, journal.createdAt, false);
    for (const { entity, row } of ownRows(this)) this.shelf(entity).add(row);
    const bundle = extras.find(({ entity }) => entity === 'Item')?.extra;
    if (!bundle) throw new Error('Cannot open a company without its bundle');
    return bundle;
  }

  #take(change: Change): void {
    const { table, record, how } = change;
    // Nothing changes unnoticed here, and nothing that happened after an answer can be stamped before it.
    const at = Math.max(change.at, this.#lookedAt);
    if (table === 'journals') return void this.#posted(record as Journal, at);
    if (table === 'contacts') return void this.#contact(record as Contact, at);
    const party = partyOf(table, record);
    if (party) this.#ensureParty(party.contact, party.role, at);
    if (table === 'trackingCategories') this.#dropOptions(at);
    const views = viewsOf(table, record, this.#views);
    for (const view of views)
      this.#show(how === 'removed' ? { ...view, ...this.#removed(table) } : view, {
        at,
        own: view.record === record,
      });
  }

  /** Reference data becomes inactive where the books drop it; the rest is hard-deleted. */
  #removed(table: TableName): Pick<View, 'shown' | 'active'> {
    const list = table === 'items' || table === 'taxRates' || table === 'accounts';
    return { shown: list, active: false };
  }

  #show({ entity, record, shown, active }: View, { at, own }: { at: number; own: boolean }): void {
    const shelf = this.shelf(entity);
    const row = shelf.of(record);
    if (!row) {
      if (shown)
        this.#raise(entity, shelf.add({ record, createdAt: at, updatedAt: at, active }), {
          operation: 'Create',
          at,
        });
      return;
    }
    // What merely hangs on a changed record (its attachment, its set-offs) did not change itself.
    if (shown && !own && row.active === active) return;
    this.#raise(entity, row, { operation: operationOf(row, { shown, active }, this.switches), at });
    if (shown) shelf.touch(row, at, { active });
    else shelf.erase(row, at);
  }

  #contact(contact: Contact, at: number): void {
    const parties = this.parties.all(contact);
    if (parties.length === 0) return void this.#ensureParty(contact, 'customer', at);
    for (const party of parties) {
      const shelf = this.shelf(ENTITY_OF_ROLE[party.role]);
      const row = shelf.of(party);
      if (!row) continue;
      const active = contact.status === 'active';
      const operation = operationOf(row, { shown: true, active }, this.switches);
      this.#raise(ENTITY_OF_ROLE[party.role], row, { operation, at });
      shelf.touch(row, at, { active });
    }
  }

  #ensureParty(contact: Contact, role: Role, at: number): void {
    const { party, isNew } = this.parties.ensure(contact, role);
    if (!isNew) return;
    const entity = ENTITY_OF_ROLE[role];
    const active = contact.status === 'active';
    const row = this.shelf(entity).add({ record: party, createdAt: at, updatedAt: at, active });
    this.#raise(entity, row, { operation: 'Create', at });
  }

  /** Options that are no longer in their category. */
  #dropOptions(at: number): void {
    const options = new Set<object>(this.books.trackingCategories.flatMap((one) => [one, ...one.options]));
    for (const entity of ['Class', 'Department']) {
      const shelf = this.shelf(entity);
      for (const row of shelf.inIdOrder)
        if (!(row.record instanceof Extra) && row.active && !options.has(row.record))
          shelf.touch(row, at, { active: false });
    }
  }

  #posted(journal: Journal, at: number): void {
    this.balances.add(journal);
    if (this.switches.propagation) this.#propagate(journal, at, this.switches.propagationMovesSyncToken);
  }

  /** A posting moves accounts, the customer or vendor, and stocked items. */
  #propagate({ lines, source }: Journal, at: number, counts: boolean): void {
    const bump = (shelf: Shelf, row: Row | undefined): void => {
      if (row && (row.updatedAt < at || counts)) shelf.touch(row, at, { counts });
    };
    for (const { account, from } of lines) {
      bump(this.shelf('Account'), this.shelf('Account').of(account));
      const item: Item | undefined = from && 'item' in from ? from.item : undefined;
      if (item?.stock !== undefined) bump(this.shelf('Item'), this.shelf('Item').of(item));
    }
    const record = source.kind === 'payment' ? source.record.target : source.record;
    const contact = 'contact' in record ? record.contact : undefined;
    if (!contact) return;
    for (const party of this.parties.all(contact)) {
      const shelf = this.shelf(ENTITY_OF_ROLE[party.role]);
      bump(shelf, shelf.of(party));
    }
  }
}
