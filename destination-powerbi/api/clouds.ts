// Where each Microsoft cloud lives: login, Power BI, Fabric and OneLake, and what tokens are asked for.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Cloud, Endpoints } from '../spec.ts';

export interface Addresses {
  /** Without trailing slashes. */
  readonly login: string;
  readonly api: string;
  readonly fabric: string;
  readonly onelake: string;
  /** Scopes of the tokens for Power BI, Fabric and OneLake (which takes the storage audience only). */
  readonly scopes: { readonly powerbi: string; readonly fabric: string; readonly storage: string };
}

/** "Embed content for national clouds". The Fabric API and OneLake are documented for the public cloud alone. */
const clouds: Readonly<
  Record<Cloud, { readonly login: string; readonly api: string; readonly resource: string }>
> = {
  public: {
    login: 'https://login.microsoftonline.com',
    api: 'https://api.powerbi.com',
    resource: 'https://analysis.windows.net/powerbi/api',
  },
  us_gcc: {
    login: 'https://login.microsoftonline.com',
    api: 'https://api.powerbigov.us',
    resource: 'https://analysis.usgovcloudapi.net/powerbi/api',
  },
  us_gcc_high: {
    login: 'https://login.microsoftonline.us',
    api: 'https://api.high.powerbigov.us',
    resource: 'https://high.analysis.usgovcloudapi.net/powerbi/api',
  },
  us_dod: {
    login: 'https://login.microsoftonline.us',
    api: 'https://api.mil.powerbigov.us',
    resource: 'https://mil.analysis.usgovcloudapi.net/powerbi/api',
  },
  china: {
    login: 'https://login.chinacloudapi.cn',
    api: 'https://api.powerbi.cn',
    resource: 'https://analysis.chinacloudapi.cn/powerbi/api',
  },
};

/** The addresses of a cloud, each replaced by the setting where one is given. Throws a config error for one that is none. */
export function addressesOf(cloud: Cloud, given: Endpoints = {}): Addresses {
  const { login, api, resource } = clouds[cloud];
  return {
    login: address('login', given.login ?? login),
    api: address('api', given.api ?? api),
    fabric: address('fabric', given.fabric ?? 'https://api.fabric.microsoft.com'),
    onelake: address('onelake', given.onelake ?? 'https://onelake.dfs.fabric.microsoft.com'),
    scopes: {
      powerbi: `${resource}/.default`,
      fabric: 'https://api.fabric.microsoft.com/.default',
      storage: 'https://storage.azure.com/.default',
    },
  };
}

function address(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url && isLoopback(url))) return text.replace(/\/+$/, '');
  throw configError(
    `Cannot use the address "${text}" of "endpoints.${name}": tokens are sent to https addresses only, correct it`,
  );
}

export const isLoopback = ({ hostname }: URL): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
