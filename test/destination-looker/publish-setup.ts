// What publishing is given in tests: a configuration with its defaults, and a log to look at.
import { type Context, type Message, systemError } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { LookerApi } from '../../destination-looker/api.ts';
import type { Publication } from '../../destination-looker/publish/steps.ts';
import type { Config, LookerSettings, ModelSettings } from '../../destination-looker/spec.ts';

export const modelSettings: ModelSettings = {
  name: 'ledgerpipe',
  label: 'Accounting',
  git_branch: 'main',
  deploy: 'none',
  validate: true,
  configure: true,
  dashboards: 'lookml',
  fiscal_month_offset: 0,
  shrink: false,
};

export const lookerSettings: LookerSettings = {
  base_url: 'http://127.0.0.1:1',
  client_id: 'id',
  client_secret: 'secret',
  connection: 'warehouse',
  edition: 'none',
};

export interface PublicationOptions {
  readonly folder: string;
  readonly model?: Partial<ModelSettings>;
  readonly looker?: Partial<LookerSettings>;
  readonly config?: Partial<Config>;
  readonly api?: LookerApi;
  readonly said?: Message[];
}

export function contextFor({
  folder,
  model,
  looker,
  config,
  said = [],
}: PublicationOptions): Context<Config> {
  return {
    config: {
      mode: 'warehouse',
      schema: 'ledger',
      sql_runner: { call_budget: 200 },
      looker: { ...lookerSettings, ...looker },
      model: { ...modelSettings, ...model },
      after_commit: { trigger_datagroup: true, read_back: 'looker' },
      schedules: [],
      deletion: 'soft',
      unmatched_references: 'ignore',
      names: 'original',
      on_reject: 'keep',
      segment_megabytes: 256,
      segment_minutes: 10,
      working_folder: folder,
      ...config,
    },
    clock: systemClock,
    signal: new AbortController().signal,
    async say(message) {
      said.push(message);
    },
  };
}

/** No API unless one is given: a call is a mistake of the test. */
const nowhere: LookerApi = {
  url: 'http://127.0.0.1:1',
  call: () => Promise.reject(systemError('There is no Looker in this test')),
  json: () => Promise.reject(systemError('There is no Looker in this test')),
  open: () => Promise.reject(systemError('There is no Looker in this test')),
  spent: () => ({ query: 0, admin: 0 }),
  close: async () => undefined,
};

export function publicationFor(options: PublicationOptions): Publication {
  return {
    context: contextFor(options),
    api: options.api ?? nowhere,
    looker: { ...lookerSettings, ...options.looker },
    settings: { ...modelSettings, ...options.model },
    loaded: [],
  };
}

/** The texts of the log messages. */
export const logged = (said: readonly Message[]): readonly string[] =>
  said.flatMap((message) => (message.type === 'LOG' ? [message.log.message] : []));
