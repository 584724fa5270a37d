// OAuth 2.0 for connectors: token sources for two grants, and the steps of a login.
export * from './oauth-client-credentials.ts';
export { type OauthClient, secureUrl, type Tokens } from './oauth-endpoint.ts';
export * from './oauth-login.ts';
export * from './oauth-refreshing.ts';
