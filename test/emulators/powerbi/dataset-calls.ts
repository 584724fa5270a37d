// Datasets: list, read, create, delete (powerbi.md 2.1).

import type { Routes } from '../routes.ts';
import { badRequest, emptyError, json, list, pbiError } from './answers.ts';
import type { Dataset, Mode, Retention } from './datasets.ts';
import { arrayOf, checkUnique, fieldsOf, invalid, most, tableOf, textOf } from './definitions.ts';
import type { Parts } from './parts.ts';
import { relationshipsOf } from './relationships.ts';

/** From here on nothing new of this kind can be made (powerbi.md 4.1). */
const endOfCreation = Date.UTC(2027, 9, 31);

const modes: readonly string[] = ['Push', 'Streaming', 'PushStreaming'] satisfies readonly Mode[];
/** Bytes of a request that feeds streaming tiles, and of any other (powerbi.md 3). */
export const mostBytes = { streaming: 15 * 1024, push: 16 * 1024 * 1024 };

export function datasetCalls(parts: Parts): Routes {
  const { access, datasets, switches } = parts;
  return {
    'GET /groups/*/datasets': (_, [group = '']) => {
      const { id } = access.workspace(group, 'read');
      return list('datasets', datasets.listed(id).map(describe));
    },
    'POST /groups/*/datasets': ({ body, url }, [group = '']) => {
      const { id } = access.workspace(group, 'write');
      const dataset = create(parts, { workspaceId: id, body, query: url.searchParams });
      const short = {
        '@odata.context': 'http://api.powerbi.com/v1.0/myorg/$metadata#datasets/$entity',
        id: dataset.id,
        name: dataset.name,
        defaultRetentionPolicy: dataset.retention,
      };
      return json(switches.createStatus, {
        ...(switches.createAnswer === 'full' ? describe(dataset) : {}),
        ...short,
      });
    },
    'GET /groups/*/datasets/*': (_, [group = '', dataset = '']) => {
      access.workspace(group, 'read');
      return json(200, describe(datasets.find(group, dataset)));
    },
    'DELETE /groups/*/datasets/*': (_, [group = '', dataset = '']) => {
      access.workspace(group, 'write');
      datasets.remove(datasets.find(group, dataset));
      return { status: 200 };
    },
  };
}

function create(
  { clock, switches, datasets }: Parts,
  { workspaceId, body, query }: { workspaceId: string; body: Buffer; query: URLSearchParams },
): Dataset {
  const closed = switches.creation === 'closed' || clock.now() >= endOfCreation;
  if (closed && switches.creation !== 'open')
    throw pbiError(switches.featureDeprecatedStatus, 'FeatureDeprecatedError', {
      LearnMoreLink: 'https://aka.ms/rtisdatasetsdeprecation',
      FeatureDeprecatedMessage:
        'The creation of streaming datasets is deprecated. Use Fabric Real-Time Intelligence instead.',
    });
  if (body.length > mostBytes.push) throw emptyError(413);
  const fields = fieldsOf(parsed(body), 'dataset');
  const mode = String(fields.defaultMode ?? 'Push');
  if (!isMode(mode)) throw invalid(`A dataset of mode '${mode}' cannot be created here.`);
  if (fields.datasources !== undefined) throw invalid('A push dataset has no data sources.');
  const streaming = mode !== 'Push';
  const tables = arrayOf(fields.tables, 'tables').map((one) => tableOf(one, { switches, streaming }));
  if (tables.length === 0) throw badRequest('A dataset needs a table.');
  if (tables.length > most.tables)
    throw invalid(`The dataset has ${tables.length} tables; ${most.tables} are allowed.`);
  checkUnique(tables, 'The dataset');
  checkUnique(
    tables.flatMap(({ measures }) => measures),
    'The dataset',
  );
  if (streaming && fields.relationships !== undefined)
    throw invalid('Relationships are not supported in this mode.');
  return datasets.add({
    name: textOf(fields, 'name'),
    workspaceId,
    mode,
    retention: retentionOf(query),
    tables,
    relationships: relationshipsOf(fields.relationships, tables),
  });
}

const isMode = (mode: string): mode is Mode => modes.includes(mode);

function retentionOf(query: URLSearchParams): Retention {
  const asked = (query.get('defaultRetentionPolicy') ?? 'None').toLowerCase();
  if (asked === 'none') return 'None';
  if (asked === 'basicfifo') return 'basicFIFO';
  throw badRequest(`defaultRetentionPolicy '${asked}' is neither None nor basicFIFO.`);
}

export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw badRequest('The body is not valid JSON.');
  }
}

/** A dataset in lists and on its own. */
function describe({ id, name, workspaceId, createdAt, mode }: Dataset): Record<string, unknown> {
  const push = modes.includes(mode);
  return {
    id,
    name,
    addRowsAPIEnabled: push,
    configuredBy: 'owner@ledgerpipe.onmicrosoft.com',
    isRefreshable: !push,
    isEffectiveIdentityRequired: false,
    isEffectiveIdentityRolesRequired: false,
    isOnPremGatewayRequired: false,
    webUrl: `https://app.powerbi.com/groups/${workspaceId}/datasets/${id}`,
    createdDate: new Date(createdAt).toISOString(),
    targetStorageMode: push ? 'Abf' : 'PremiumFiles',
  };
}
