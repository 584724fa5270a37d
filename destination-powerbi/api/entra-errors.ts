// What a refusal by Entra ID means: its AADSTS codes turned into advice.
import { ConnectorError } from '@airbyte/cdk-typescript-shim';

type Advice = readonly [kind: 'config' | 'transient', found: string, remedy: string];

/** Codes of "Microsoft Entra authentication and authorization error codes" that a client with a secret meets. */
const advice: Readonly<Record<string, Advice>> = {
  '7000215': [
    'config',
    'the client secret is wrong',
    'put the value of the secret into "client_secret", not the secret ID',
  ],
  '7000222': [
    'config',
    'the client secret has expired',
    'make a new secret for the application in Entra and put it into "client_secret"',
  ],
  '7000216': ['config', 'the client secret is missing', 'fill in "client_secret"'],
  '7000218': ['config', 'the client secret is missing', 'fill in "client_secret"'],
  '700016': [
    'config',
    'the application is not known in this tenant',
    'check "client_id" and "tenant_id": the application must be registered, or consented to, in that tenant',
  ],
  '90002': [
    'config',
    'there is no such tenant',
    'check "tenant_id", and "cloud" for a tenant of another cloud',
  ],
  '900023': ['config', 'the tenant ID is neither an ID nor a domain', 'check "tenant_id"'],
  '70011': ['config', 'the scope was refused', 'check "cloud": each cloud has its own scope'],
  '500011': [
    'config',
    'Power BI is not known in this tenant',
    'check "cloud", and that the tenant has Power BI',
  ],
  '65001': [
    'config',
    'nobody consented',
    'put the ID of your own tenant into "tenant_id" (not "common"), service principals need no consent there',
  ],
  '53003': [
    'config',
    'a conditional access policy blocks it',
    'ask the administrators to except the application',
  ],
  '90033': ['transient', 'Entra is not available for the moment', 'try again later'],
};

/** The kit's error of a refused token with the advice that its AADSTS code asks for; any other as it is. */
export function explainEntra(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const code = /AADSTS(\d+)/.exec(error.detail ?? '')?.[1];
  if (code === undefined) return error;
  const [kind, found, remedy] = advice[code] ?? [
    error.kind,
    'Entra refused the application',
    'look the code up in the Entra documentation and check the application',
  ];
  return new ConnectorError(kind, `Cannot get an access token: ${found} (AADSTS${code}), ${remedy}`, {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    body: `AADSTS${code}`,
    cause: error,
  });
}
