// The endpoints of reference data: sheet of the Accounting API, section 2.
import type {
  Account,
  Budget,
  Contact,
  ContactGroup,
  ExpenseClaim,
  Item,
  Receipt,
  RepeatingInvoice,
  TaxRate,
  Theme,
  TrackingCategory,
  User,
} from '../../books/index.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import * as fields from './fields.ts';
import { contactJson, groupJson } from './render-contacts.ts';
import { budgetJson, expenseClaimJson, receiptJson, repeatingInvoiceJson } from './render-orders.ts';
import {
  accountJson,
  currencyJson,
  itemJson,
  taxRateJson,
  themeJson,
  trackingCategoryJson,
  userJson,
} from './render-reference.ts';

const updatedAt = (one: { readonly updatedAt: number }): number => one.updatedAt;
const idOf = (one: { readonly id: string }): string => one.id;

const SETTINGS = ['accounting.settings.read', 'accounting.settings'];
const CONTACTS = ['accounting.contacts.read', 'accounting.contacts'];
const INVOICES = ['accounting.invoices.read', 'accounting.invoices'];
const CLASSIC = ['accounting.classicexpenses.read', 'accounting.classicexpenses'];

export const REFERENCE_ENDPOINTS: readonly Endpoint[] = [
  endpoint<Contact>({
    name: 'Contacts',
    type: 'Contact',
    scopes: CONTACTS,
    paging: 'paged',
    tables: ['contacts'],
    id: idOf,
    alternate: (one) => one.number,
    cursor: updatedAt,
    render: contactJson,
    fields: fields.CONTACT,
    guarded: true,
    optimised: { equal: ['Name', 'EmailAddress', 'AccountNumber'], range: [], or: [] },
    filter: (query) => {
      const ids = query.guids('IDs');
      const term = query.get('searchTerm')?.toLowerCase();
      if (!ids && term === undefined) return undefined;
      const texts = (one: Contact): string[] => [
        one.name,
        one.firstName,
        one.lastName,
        one.number,
        one.email,
      ];
      return {
        test: (one) =>
          (!ids || ids.has(one.id)) &&
          (term === undefined || texts(one).some((text) => text.toLowerCase().includes(term))),
      };
    },
    forcesPaging: ['IDs', 'searchTerm', 'summaryOnly'],
    hides: (one, query) => one.status === 'archived' && !query.isTrue('includeArchived'),
    summary: true,
    attachments: true,
    history: true,
  }),
  endpoint<Account>({
    name: 'Accounts',
    type: 'Account',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['accounts'],
    id: idOf,
    cursor: updatedAt,
    render: accountJson,
    fields: fields.ACCOUNT,
    attachments: true,
  }),
  endpoint<Item>({
    name: 'Items',
    type: 'Item',
    scopes: [...SETTINGS, ...INVOICES],
    paging: 'whole',
    tables: ['items'],
    id: idOf,
    alternate: (one) => one.code,
    cursor: updatedAt,
    render: itemJson,
    fields: fields.ITEM,
    history: true,
  }),
  endpoint<User>({
    name: 'Users',
    type: 'User',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['users'],
    id: idOf,
    cursor: updatedAt,
    render: userJson,
    fields: fields.USER,
  }),
  endpoint<ContactGroup>({
    name: 'ContactGroups',
    type: 'ContactGroup',
    scopes: CONTACTS,
    paging: 'whole',
    tables: ['contactGroups'],
    id: idOf,
    render: groupJson,
    fields: fields.CONTACT_GROUP,
  }),
  endpoint<TrackingCategory>({
    name: 'TrackingCategories',
    type: 'TrackingCategory',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['trackingCategories'],
    id: idOf,
    render: (one, look) => trackingCategoryJson(one, { archived: look.archived }),
    fields: fields.TRACKING_CATEGORY,
    hides: (one, query) => one.status === 'archived' && !query.isTrue('includeArchived'),
  }),
  endpoint<TaxRate>({
    name: 'TaxRates',
    type: 'TaxRate',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['taxRates'],
    id: (one) => one.code.toLowerCase(),
    render: taxRateJson,
    fields: fields.TAX_RATE,
  }),
  endpoint<{ readonly code: string; readonly name: string }>({
    name: 'Currencies',
    type: 'Currency',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['currencies'],
    id: (one) => one.code.toLowerCase(),
    render: currencyJson,
    fields: fields.CURRENCY,
  }),
  endpoint<Theme>({
    name: 'BrandingThemes',
    type: 'BrandingTheme',
    scopes: SETTINGS,
    paging: 'whole',
    tables: ['themes'],
    id: idOf,
    render: themeJson,
  }),
  endpoint<RepeatingInvoice>({
    name: 'RepeatingInvoices',
    type: 'RepeatingInvoice',
    scopes: INVOICES,
    paging: 'whole',
    tables: ['repeatingInvoices'],
    id: idOf,
    render: repeatingInvoiceJson,
    fields: fields.REPEATING_INVOICE,
    isDeleted: (one) => one.status === 'deleted',
    attachments: true,
    history: true,
  }),
  endpoint<Budget>({
    name: 'Budgets',
    type: 'Budget',
    scopes: ['accounting.budgets.read'],
    paging: 'whole',
    tables: ['budgets'],
    id: idOf,
    render: budgetJson,
    filter: (query) => {
      const ids = query.guids('IDs');
      return ids && { test: (one) => ids.has(one.id) };
    },
  }),
  endpoint<ExpenseClaim>({
    name: 'ExpenseClaims',
    type: 'ExpenseClaim',
    scopes: CLASSIC,
    paging: 'whole',
    tables: ['expenseClaims'],
    id: idOf,
    cursor: updatedAt,
    render: expenseClaimJson,
    fields: fields.EXPENSE_CLAIM,
    history: true,
  }),
  endpoint<Receipt>({
    name: 'Receipts',
    type: 'Receipt',
    scopes: CLASSIC,
    paging: 'whole',
    tables: ['receipts'],
    id: idOf,
    cursor: updatedAt,
    render: receiptJson,
    fields: fields.RECEIPT,
    attachments: true,
    history: true,
  }),
];
