// Two parts of the form that are used more than once: how to sign in, and where a tenant's rows go.

export const credentialsForm = {
  type: 'object',
  oneOf: [
    {
      title: 'Personal access token',
      type: 'object',
      required: ['auth_type', 'token_name', 'token_secret'],
      properties: {
        auth_type: { type: 'string', const: 'pat', default: 'pat', order: 0 },
        token_name: {
          type: 'string',
          order: 1,
          title: 'Token name',
          description: 'Use the token for this connector alone: each sign-in ends the session before it.',
        },
        token_secret: { type: 'string', order: 2, title: 'Token secret', airbyte_secret: true },
      },
    },
    {
      title: 'Connected App (direct trust)',
      type: 'object',
      required: ['auth_type', 'client_id', 'secret_id', 'secret_value', 'username'],
      properties: {
        auth_type: { type: 'string', const: 'connected_app', default: 'connected_app', order: 0 },
        client_id: { type: 'string', order: 1, title: 'Client ID' },
        secret_id: { type: 'string', order: 2, title: 'Secret ID', airbyte_secret: true },
        secret_value: { type: 'string', order: 3, title: 'Secret value', airbyte_secret: true },
        username: {
          type: 'string',
          order: 4,
          title: 'User name',
          description: 'On Tableau Cloud the e-mail address, spelled as Tableau spells it.',
        },
      },
    },
    {
      title: 'User name and password',
      type: 'object',
      required: ['auth_type', 'username', 'password'],
      properties: {
        auth_type: { type: 'string', const: 'password', default: 'password', order: 0 },
        username: { type: 'string', order: 1, title: 'User name' },
        password: { type: 'string', order: 2, title: 'Password', airbyte_secret: true },
      },
    },
  ],
} as const;

export const routesForm = {
  type: 'array',
  title: 'Routes',
  description:
    'Where the rows of each tenant go (a Xero organisation, a QuickBooks company); other rows go to the site and project above.',
  default: [],
  items: {
    type: 'object',
    required: ['tenant'],
    properties: {
      tenant: { type: 'string', title: 'Tenant', description: 'Value of TenantID or RealmID.' },
      site: { type: 'string', title: 'Site' },
      project: { type: 'string', title: 'Project' },
      name_prefix: { type: 'string', title: 'Name prefix' },
      credentials: { ...credentialsForm, title: 'Credentials' },
    },
  },
} as const;
