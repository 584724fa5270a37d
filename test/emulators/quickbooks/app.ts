// The app that connects: its keys, where they are good, and the scopes of QuickBooks.

export interface QuickbooksApp {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Development keys open sandbox companies, production keys real ones; the other kind answers 403 (3100). */
  readonly keys: 'production' | 'development';
  readonly redirectUris: readonly string[];
}

/** Reads and writes: no read-only scope of the accounting data exists. */
export const ACCOUNTING_SCOPE = 'com.intuit.quickbooks.accounting';

export const SCOPES: readonly string[] = [
  ACCOUNTING_SCOPE,
  'com.intuit.quickbooks.payment',
  'openid',
  'profile',
  'email',
  'phone',
  'address',
];

export const DEFAULT_APP: QuickbooksApp = {
  name: 'Ledgerpipe Emulated App',
  clientId: 'ABemulatedClientIdOfLedgerpipe0123456789abcdefghij',
  clientSecret: 'emulatedSecretNotARealOne0123456789abcde',
  keys: 'production',
  redirectUris: ['http://localhost', 'http://127.0.0.1'],
};
