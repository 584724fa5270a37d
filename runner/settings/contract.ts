// What ledgerpipe.yaml says, as types: every default filled in, every pipeline expanded into one run per tenant.
import type { Finding } from './findings.ts';

export type { Finding } from './findings.ts';

export interface ConnectorSettings {
  /** Name of a connector that comes with the runner, or the path of a program that speaks the protocol. */
  readonly connector: string;
  /** As its spec asks for; texts may still be `vault:NAME` until `withVault` has put the secrets in. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Reference streams are what facts refer to (accounts, contacts, ...): they change rarely. */
export type StreamGroup = 'facts' | 'reference';

export interface Schedule {
  /** Streams by name, or a group of them; absent: all of the pipeline. */
  readonly streams?: readonly string[] | StreamGroup;
  /** Five or six fields, as croner reads them; it does fire one day. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  /** A run is delayed by up to so many seconds, so that not all begin at once. */
  readonly jitter_seconds: number;
}

/** One run of a pipeline: a pipeline without tenants has one, under its own name. */
export interface PipelineSettings {
  /** `base`, or `base.tenant` (its `name` in the file, else its id): what jobs, states and audit rows are kept under. */
  readonly name: string;
  /** The pipeline's name in the file. */
  readonly base: string;
  /** Xero tenant id or QuickBooks realm id that this run is for; absent: the pipeline lists no tenants. */
  readonly tenant?: string;
  /** Tenants that its source's configuration names; empty: all that the consent reaches. Webhooks are routed by it. */
  readonly tenants: readonly string[];
  readonly source: ConnectorSettings;
  readonly destination: ConnectorSettings;
  /**
   * Whose consent the source uses. Runs of one connection share rotated tokens, kept in the vault as
   * `secretOf(pipeline)`; unless `exclusive` is false, they must not run at the same time.
   */
  readonly connection: string;
  /** True where rotations reach other runs through the vault alone: no `token_store` locks between processes. */
  readonly exclusive: boolean;
  /** Streams to move; absent: all that the source offers. */
  readonly streams?: readonly string[];
  /** Empty: it runs by hand and by webhooks alone. */
  readonly schedules: readonly Schedule[];
  /** What its connectors would refuse: this run cannot start (`refuseProblems` says so), the others go on. */
  readonly problems: readonly Finding[];
}

export interface HttpSettings {
  readonly listen: string;
  readonly port: number;
  /** For the page and the metrics; always there when `listen` is not loopback. */
  readonly token?: string;
  /** Address under which others reach the runner, without a slash at its end. */
  readonly public_url?: string;
}

/** Secrets that events are signed with, one per app; absent: events of that source are not received. */
export interface WebhookKeys {
  readonly xero?: { readonly key: string };
  readonly quickbooks?: { readonly verifier_token: string };
}

export interface Settings {
  /** Absolute path of the file that was read. */
  readonly file: string;
  /** For openStore: the absolute path of the SQLite file, or a `postgres://` URL. */
  readonly store: string;
  /** Folder for what runs need on disk (private files of running connectors), absolute. */
  readonly folder: string;
  /** Absolute path of the vault's key, for when LEDGERPIPE_KEY is not set. */
  readonly key_file?: string;
  readonly http: HttpSettings;
  readonly webhooks: WebhookKeys;
  /** How events become reads. */
  readonly webhook: {
    /** Events of one tenant are gathered for so long before they are read. */
    readonly window_seconds: number;
    /** More records than that are not read one by one: an incremental sync takes their place. */
    readonly most_ids: number;
  };
  readonly retry: {
    /** Starts of a job in all, before it waits for a replay. */
    readonly attempts: number;
    /** Wait before the second start; it doubles with each. */
    readonly first_seconds: number;
    readonly longest_minutes: number;
  };
  readonly audit: { readonly retention_days: number };
  /** Gets a POST for each job that failed for good. */
  readonly on_failure?: { readonly url: string };
  /** A poll of every pipeline with webhooks that proves that no event was missed; absent: switched off. */
  readonly reconcile?: { readonly cron: string; readonly timezone: string };
  /** By name, in the order of the file. */
  readonly pipelines: Readonly<Record<string, PipelineSettings>>;
  /** What works but should be seen to: the places of secrets in the clear, unknown fields of a connector, ... */
  readonly warnings: readonly Finding[];
}
