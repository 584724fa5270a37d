// The consent flow as the Airbyte platform runs it for this source, in place of the command `login`.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { scopes } from './streams.ts';

/** Where the flow goes: the consent page and the token endpoint. */
export interface ConsentHosts {
  readonly login: string;
  readonly identity: string;
}

const app = ['client_id', 'client_secret'] as const;

/**
 * The platform fills in the double braces, sends the person to `consent_url`, exchanges the code at
 * `access_token_url`, and puts the refresh token beside the client id and secret in `credentials`. PKCE apps have no
 * secret and cannot use it; journals need their own scope, so a connection with journals logs in by command.
 */
export const advancedAuth = ({
  login,
  identity,
}: ConsentHosts): NonNullable<Specification['advanced_auth']> => ({
  auth_flow_type: 'oauth2.0',
  predicate_key: ['credentials', 'auth_type'],
  predicate_value: 'oauth2',
  oauth_config_specification: {
    oauth_connector_input_specification: {
      consent_url: `${login}/identity/connect/authorize?response_type=code&{{ client_id_param }}&{{ redirect_uri_param }}&{{ scope_param }}&{{ state_param }}`,
      scope: [...scopes, 'offline_access'].join(' '),
      access_token_url: `${identity}/connect/token`,
      // Without this content type the platform sends the fields as JSON, which Xero does not read.
      access_token_headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
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
