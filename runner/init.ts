// `ledgerpipe init`: a commented ledgerpipe.yaml to start from; nothing that is there is overwritten.
import { writeFile } from 'node:fs/promises';
import { configError } from '@airbyte/cdk-typescript-shim';

const template = `# Pipelines of Ledgerpipe. Run one with: ledgerpipe sync xero-to-databricks
# \${NAME} is the value of an environment variable: keep secrets there, not in this file.

# Folder that keeps how far each pipeline has come, relative to this file.
store: .ledgerpipe

pipelines:
  xero-to-databricks:
    source:
      connector: source-xero
      config:                          # every field: source-xero spec
        credentials:
          auth_type: oauth2            # or client_credentials, for a custom connection
          client_id: \${XERO_CLIENT_ID}
          client_secret: \${XERO_CLIENT_SECRET}
          refresh_token: \${XERO_REFRESH_TOKEN}    # source-xero login gets one
        start_date: 2024-01-01
        tenant_ids: []                 # empty: every organisation that gave its consent
        token_store: .ledgerpipe/xero.token
    destination:
      connector: destination-databricks
      config:                          # every field: destination-databricks spec
        host: \${DATABRICKS_HOST}
        http_path: \${DATABRICKS_HTTP_PATH}
        catalog: main
        schema: ledger
        authentication:
          auth_type: oauth_m2m         # or token
          client_id: \${DATABRICKS_CLIENT_ID}
          client_secret: \${DATABRICKS_CLIENT_SECRET}
    # streams: [invoices, bills, contacts, accounts]    # default: all
`;

/** Writes the starting file; throws a config error when there is one already. */
export async function init(file: string): Promise<void> {
  try {
    await writeFile(file, template, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw configError(`Cannot write "${file}": it exists already, choose another name with --file`);
  }
}
