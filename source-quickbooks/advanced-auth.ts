// The consent flow as the Airbyte platform runs it for this source, in place of the command `login`.
import type { Specification } from '@airbyte/cdk-typescript-shim';
import { scope } from './streams.ts';

/** Where the flow goes: the consent page and the token endpoint. */
export interface ConsentHosts {
  readonly login: string;
  readonly identity: string;
}

const app = ['client_id', 'client_secret'] as const;

/**
 * The platform fills in the double braces, sends the person to `consent_url`, exchanges the code at
 * `access_token_url`, and puts the refresh token beside the client id and secret in `credentials`. The company's id comes
 * with the redirect alone, which the platform does not keep, so people type `realm_id` into the form.
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
      consent_url: `${login}/connect/oauth2?response_type=code&{{ client_id_param }}&{{ redirect_uri_param }}&{{ scope_param }}&{{ state_param }}`,
      scope,
      access_token_url: `${identity}/oauth2/v1/tokens/bearer`,
      access_token_headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
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
