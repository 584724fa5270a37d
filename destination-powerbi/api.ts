// The way to Power BI, Fabric and OneLake: how to sign in, and the layers every request passes.
import {
  authorize,
  type Clock,
  decodable,
  fail,
  httpSend,
  type OnWait,
  retry,
  type Send,
  stack,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { type Audit, audited } from './api/audit.ts';
import { type Addresses, addressesOf } from './api/clouds.ts';
import { explainRefusal, tokenRefused } from './api/errors.ts';
import { patience, redirects, throttled, unmarked } from './api/layers.ts';
import { type PrincipalTokens, principalTokens } from './api/tokens.ts';
import type { Cloud, Endpoints } from './spec.ts';
import { version } from './version.ts';

export interface Api {
  readonly addresses: Addresses;
  /** To Power BI: refusals for want of a permission are asked again for minutes. */
  readonly send: Send;
  /** As `send`, but a refusal is final: for steps that only advise. */
  readonly ask: Send;
  /** One attempt at most that may have been carried out: what becomes of it is the caller's to find out. */
  readonly post: Send;
  readonly tokens: PrincipalTokens;
  readonly fabric: Send;
  readonly onelake: Send;
}

export interface Connection {
  readonly tenant_id: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly cloud: Cloud;
  readonly endpoints?: Endpoints;
  readonly max_wait_minutes: number;
}

export interface ApiPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly audit: Audit;
  readonly onWait: OnWait;
  /** Off: nothing is asked twice for want of a permission, as people wait for the answer. */
  readonly patient: boolean;
}

/** A body of 12 MB over a slow line, and the time Power BI takes for it. */
const answerMilliseconds = 5 * 60_000;

/** With jitter over 1, 2, 4 ... 30 s: about a minute. */
const attempts = 6;

/** Opens nothing yet: the first request signs in. */
export function connect(connection: Connection, ports: ApiPorts): Api {
  const { clock, signal, onWait, patient } = ports;
  const addresses = addressesOf(connection.cloud, connection.endpoints);
  const send = httpSend({ userAgent: `Ledgerpipe/${version} destination-powerbi` });
  const failing = fail({ service: 'Power BI', explain: explainRefusal });
  const answering = timeout({ milliseconds: answerMilliseconds });
  const observed = audited({ clock, audit: ports.audit });
  const statuses = [408, 500, 502, 503, 504];
  const retrying = retry({ clock, attempts, statuses, signal, onWait });
  const unhurried = throttled({ clock, signal, onWait, longest: connection.max_wait_minutes * 60_000 });
  const login = stack(
    [fail({ service: 'Entra ID' }), retry({ clock, attempts, signal, onWait }), decodable(), answering],
    send,
  );
  const tokensFor = (scope: string): PrincipalTokens =>
    principalTokens({
      login: addresses.login,
      tenant: connection.tenant_id.trim(),
      clientId: connection.client_id.trim(),
      clientSecret: connection.client_secret,
      scope,
      clock,
      send: login,
    });
  const tokens = tokensFor(addresses.scopes.powerbi);
  const authorized = authorize({ tokens, rejected: tokenRefused });
  const inner = [unmarked(), redirects(), answering, observed] as const;
  const waiting = patient ? [patience({ clock, signal, onWait })] : [];
  // A repetition of what may have been carried out would double rows: only answers that say it was not are repeated.
  const once = retry({
    clock,
    attempts,
    signal,
    onWait,
    statuses: [],
    retries: (_, outcome) => (outcome instanceof Error ? undefined : false),
  });
  const others = (scope: string): Send =>
    stack(
      [
        failing,
        ...waiting,
        unhurried,
        retrying,
        decodable(),
        authorize({ tokens: tokensFor(scope), rejected: tokenRefused }),
        redirects(),
        answering,
        observed,
      ],
      send,
    );
  return {
    addresses,
    tokens,
    send: stack([failing, ...waiting, unhurried, retrying, decodable(), authorized, ...inner], send),
    ask: stack([failing, unhurried, retrying, decodable(), authorized, ...inner], send),
    post: stack([failing, ...waiting, unhurried, once, authorized, ...inner], send),
    fabric: others(addresses.scopes.fabric),
    onelake: others(addresses.scopes.storage),
  };
}
