// The token endpoint: how the app proves who it is, and what its answers mean.
import type { Clock } from '../ports.ts';
import type { Send } from './http/http.ts';

/** The app, as the authorisation server knows it, and the way to its token endpoint. */
export interface OauthClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Absent for apps that log in with PKCE alone. */
  readonly clientSecret?: string;
  /** Where the secret is sent: in the Authorization header (`basic`, the default) or in the form (`post`). */
  readonly authentication?: 'basic' | 'post';
  /** The short stack: `stack([fail, retry, timeout], httpSend)`, without `authorize`. */
  readonly send: Send;
  readonly clock: Clock;
  /** The command that logs in again, for error messages. */
  readonly relogin?: string;
}

/** What the token endpoint granted. */
export interface Tokens {
  readonly accessToken: string;
  /** Absent when the server keeps the old one, or gives none for this grant. */
  readonly refreshToken?: string;
  /** When the access token ends, in milliseconds since the epoch; absent when the server does not say. */
  readonly expiresAt?: number;
  /** Space-separated, when the server names it. */
  readonly scope?: string;
}
