// The consent flow as the Airbyte platform runs it, in place of a source's command `login`.
import type { Specification } from './messages.ts';

export interface PlatformConsent {
  /** Where a person consents, and where the code is exchanged. */
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Separated by spaces. */
  readonly scope: string;
  /** Of the exchange, beside those of the form and of the key pair. */
  readonly headers?: Readonly<Record<string, string>>;
}

const app = ['client_id', 'client_secret'] as const;

/**
 * The platform fills in the double braces, sends the person to `consent_url`, exchanges the code at
 * `access_token_url`, and puts the refresh token beside the client id and secret in `credentials`. The key pair
 * travels by Basic authentication, so apps without a secret (PKCE) cannot use it.
 */
export const advancedAuth = ({
  authorizeUrl,
  tokenUrl,
  scope,
  headers = {},
}: PlatformConsent): NonNullable<Specification['advanced_auth']> => ({
  auth_flow_type: 'oauth2.0',
  predicate_key: ['credentials', 'auth_type'],
  predicate_value: 'oauth2',
  oauth_config_specification: {
    oauth_connector_input_specification: {
      consent_url: `${authorizeUrl}?response_type=code&{{ client_id_param }}&{{ redirect_uri_param }}&{{ scope_param }}&{{ state_param }}`,
      scope,
      access_token_url: tokenUrl,
      // Without this content type the platform sends the fields as JSON, which token endpoints do not read.
      access_token_headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        ...headers,
        Authorization: "Basic {{ (client_id_value ~ ':' ~ client_secret_value) | b64encode }}",
      },
      access_token_params: {
        grant_type: 'authorization_code',
        code: '{{ auth_code_value }}',
        redirect_uri: '{{ redirect_uri_value }}',
      },
      extract_output: ['refresh_token'],
    },
    complete_oauth_output_specification: {
      type: 'object',
      required: ['refresh_token'],
      properties: {
        refresh_token: {
          type: 'string',
          path_in_connector_config: ['credentials', 'refresh_token'],
          path_in_oauth_response: ['refresh_token'],
        },
      },
    },
    complete_oauth_server_input_specification: {
      type: 'object',
      required: app,
      properties: Object.fromEntries(app.map((name) => [name, { type: 'string' }])),
    },
    complete_oauth_server_output_specification: {
      type: 'object',
      required: app,
      properties: Object.fromEntries(
        app.map((name) => [name, { type: 'string', path_in_connector_config: ['credentials', name] }]),
      ),
    },
  },
});
