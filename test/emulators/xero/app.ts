// The app that connects: its credentials, its kind and what it may ask for.

export interface XeroApp {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** web: Basic secret. pkce: code challenge, no secret. custom: client_credentials for one organisation. any: all of them. */
  readonly kind: 'web' | 'pkce' | 'custom' | 'any';
  readonly redirectUris: readonly string[];
  /** Scopes the app may ask for; broad ones only count where a switch allows them. */
  readonly scopes: readonly string[];
  /** A custom connection's organisation; the first company unless given. */
  readonly customTenant?: string;
}

const REPORTS = [
  'aged',
  'balancesheet',
  'banksummary',
  'budgetsummary',
  'executivesummary',
  'profitandloss',
  'trialbalance',
  'taxreports',
  'tenninetynine',
];

export const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;

/** Every granular read scope an analytics connector can ask for. */
export const READ_SCOPES: readonly string[] = [
  'accounting.invoices.read',
  'accounting.payments.read',
  'accounting.banktransactions.read',
  'accounting.manualjournals.read',
  'accounting.settings.read',
  'accounting.contacts.read',
  'accounting.journals.read',
  'accounting.budgets.read',
  'accounting.attachments.read',
  'accounting.classicexpenses.read',
  ...REPORTS.map((report) => `accounting.reports.${report}.read`),
];

/** Deprecated broad scopes and the granular ones each stands for. */
export const BROAD_SCOPES: Readonly<Record<string, readonly string[]>> = {
  'accounting.transactions': [
    'accounting.invoices',
    'accounting.payments',
    'accounting.banktransactions',
    'accounting.manualjournals',
    'accounting.classicexpenses',
  ],
  'accounting.transactions.read': [
    'accounting.invoices.read',
    'accounting.payments.read',
    'accounting.banktransactions.read',
    'accounting.manualjournals.read',
    'accounting.classicexpenses.read',
  ],
  'accounting.reports.read': REPORTS.map((report) => `accounting.reports.${report}.read`),
};

export const DEFAULT_APP: XeroApp = {
  name: 'Ledgerpipe Emulated App',
  clientId: '9C0FFEE0A1B2C3D4E5F60718293A4B5C',
  clientSecret: 'emulated-secret-not-a-real-one-0123456789abcdef',
  kind: 'any',
  redirectUris: ['http://localhost'],
  scopes: [...READ_SCOPES, ...Object.keys(BROAD_SCOPES), ...IDENTITY_SCOPES],
};

/** Every scope a grant opens: the ones it names, what the broad ones among them stand for, and reading where it may write. */
export function openedBy(scopes: readonly string[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const scope of scopes)
    for (const one of [scope, ...(BROAD_SCOPES[scope] ?? [])]) open.add(one).add(`${one}.read`);
  return open;
}
