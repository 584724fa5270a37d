// A commented ledgerpipe.yaml to start from.
import { connectors } from '../registry.ts';
import { configDraft, type DraftOptions } from './draft-config.ts';
import { isOfKind } from './specs.ts';

export interface Draft {
  /** Name of the pipeline. */
  readonly name: string;
  /** Names of connectors, or paths of programs. */
  readonly source: string;
  readonly destination: string;
  /** Answers of a person by field. */
  readonly given: Readonly<Record<'source' | 'destination', DraftOptions['given']>>;
  /** Address or path of the JSON Schema for editors. */
  readonly schema: string;
}

export const productsOf = (kind: 'source' | 'destination'): readonly string[] =>
  connectors.filter((name) => isOfKind(name, kind)).map(productOf);

/** `xero` for source-xero; the program's name for a path. */
export const productOf = (connector: string): string =>
  connector
    .replace(/^(source|destination)-/, '')
    .replace(/.*\//, '')
    .replace(/\.\w+$/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-');

export const draftText = ({ name, source, destination, given, schema }: Draft): string => `\
# yaml-language-server: $schema=${schema}
# Pipelines of Ledgerpipe. Once this file is filled in:
#   ledgerpipe login ${name}
#   ledgerpipe check          # every connector says whether it can work
#   ledgerpipe sync ${name}
#   ledgerpipe serve          # runs all pipelines by their schedules, with webhooks and a page
# \${NAME} is the value of an environment variable, vault:NAME a secret of "ledgerpipe vault set NAME".
# Keep secrets there, not in this file.

# What the runner keeps (states, jobs, the audit trail), relative to this file; or postgres://user:\${PASSWORD}@host/database.
store: .ledgerpipe

# The page, the webhooks and the metrics. Others than this machine reach it with a token alone.
# http:
#   listen: 0.0.0.0
#   port: 7460
#   token: \${LEDGERPIPE_TOKEN}
#   public_url: https://ledger.example.com

# Secrets that events are signed with: a change is then read within seconds.
# webhooks:
#   xero:
#     key: \${XERO_WEBHOOK_KEY}
#   quickbooks:
#     verifier_token: \${QUICKBOOKS_VERIFIER_TOKEN}

# Gets a POST for each run that failed for good.
# on_failure:
#   url: https://hooks.example.com/ledgerpipe

pipelines:
  ${name}:
    source:
      connector: ${source}
      config:
${configDraft(source, '        ', { pipeline: name, given: given.source }).join('\n')}
    destination:
      connector: ${destination}
      config:
${configDraft(destination, '        ', { pipeline: name, given: given.destination }).join('\n')}
    # Facts every 15 minutes, what they refer to once a night; or a list of {streams, cron, timezone, jitter_seconds}.
    schedules: default
    # Streams to move; default: all that the source offers.
    # streams: [${exampleStreams(source).join(', ')}]
    # One run for each organisation or company, with what differs in its destination.
    # tenants:
    #   - tenant: ...
    #     name: acme
    #     destination: { ${routingField(destination)}: acme }
`;

const exampleStreams = (source: string): readonly string[] => [
  'invoices',
  'bills',
  source === 'source-quickbooks' ? 'customers' : 'contacts',
  'accounts',
];

/** What usually differs between tenants. */
const routingField = (destination: string): string =>
  ({ 'destination-tableau': 'project', 'destination-powerbi': 'workspace_name' })[destination] ?? 'schema';
