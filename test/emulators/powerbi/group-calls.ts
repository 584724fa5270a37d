// Workspaces, their users, reports and refreshes; and what a service principal asks in vain of My workspace (powerbi.md 6).
import { randomUUID } from 'node:crypto';
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Routes } from '../routes.ts';
import { badRequest, emptyError, json, list, notFound, odataError } from './answers.ts';
import { parsed } from './dataset-calls.ts';
import { matches } from './group-filter.ts';
import type { Parts } from './parts.ts';
import type { Workspace } from './tenant.ts';

/** RefreshUserPermissions: once per hour and identity. */
const hour = 3_600_000;

export function groupCalls(parts: Parts): Routes {
  const { access, tenant, switches, clock } = parts;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  const mine = (): never => {
    throw access.mine();
  };
  return {
    'GET /groups': ({ url: { searchParams: query } }) => {
      const seen = tenant.workspaces.filter(({ role }) => role !== 'None').map(describe);
      const found = seen.filter(matches(query.get('$filter'), switches));
      return list('groups', page(found, query));
    },
    'GET /groups/*': (_, [group = '']) => json(200, describe(access.workspace(group, 'read'))),
    'GET /groups/*/users': (_, [group = '']) => {
      const workspace = access.workspace(group, 'read');
      if (switches.usersCall === 'refused') throw emptyError(403);
      return list('users', switches.usersCall === 'listed' ? [owner, principal(parts, workspace)] : [owner]);
    },
    'POST /RefreshUserPermissions': () => {
      if (clock.now() - refreshedAt < hour)
        throw odataError(429, 'TooManyRequests', { message: 'Permissions may be refreshed once per hour.' });
      refreshedAt = clock.now();
      tenant.refusedCalls = 0;
      return { status: 200 };
    },
    ...Object.fromEntries(
      ['GET /datasets', 'POST /datasets', '* /datasets/**', 'GET /reports'].map((route) => [route, mine]),
    ),
    ...reportCalls(parts),
    ...refreshCalls(parts),
  };
}

function reportCalls({ access, datasets, switches }: Parts): Routes {
  return {
    'GET /groups/*/reports': (_, [group = '']) => {
      const { id } = access.workspace(group, 'read');
      const found = datasets.reports.filter(({ workspaceId }) => workspaceId === id);
      return list(
        'reports',
        found.map(({ id: report, name, datasetId }) => ({
          id: report,
          reportType: 'PowerBIReport',
          name,
          webUrl: `https://app.powerbi.com/groups/${id}/reports/${report}`,
          embedUrl: `https://app.powerbi.com/reportEmbed?reportId=${report}&groupId=${id}`,
          datasetId,
        })),
      );
    },
    'POST /groups/*/reports/*/Rebind': ({ body }, [group = '', id = '']) => {
      access.workspace(group, 'write');
      const report = datasets.reports.find((one) => one.id === id && one.workspaceId === group);
      if (!report) throw notFound(switches.notFoundEnvelope, 'PowerBIEntityNotFound');
      const fields = parsed(body);
      if (!isObject(fields) || typeof fields.datasetId !== 'string')
        throw badRequest("The property 'datasetId' is required.", 'requestParameters');
      report.datasetId = datasets.find(group, fields.datasetId).id;
      return { status: 200 };
    },
  };
}

function refreshCalls({ access, datasets, clock }: Parts): Routes {
  return {
    'GET /groups/*/datasets/*/refreshes': (_, [group = '', id = '']) => {
      access.workspace(group, 'read');
      return list('refreshes', datasets.find(group, id).refreshes);
    },
    // A push dataset holds all it has; there is nothing to refresh it from.
    'POST /groups/*/datasets/*/refreshes': ({ url }, [group = '', id = '']) => {
      access.workspace(group, 'write');
      const { mode, refreshes } = datasets.find(group, id);
      if (mode !== 'Import' && mode !== 'DirectLake')
        throw odataError(400, 'InvalidRequest', {
          message: 'Invalid dataset. This API can only be called on a Model-based dataset',
        });
      const requestId = randomUUID();
      const at = new Date(clock.now()).toISOString();
      refreshes.unshift({
        requestId,
        startTime: at,
        endTime: at,
        refreshType: 'ViaApi',
        status: 'Completed',
      });
      return {
        status: 202,
        headers: { 'x-ms-request-id': requestId, location: `${url.origin}${url.pathname}/${requestId}` },
      };
    },
  };
}

const describe = ({ id, name, capacity }: Workspace) => ({
  id,
  isReadOnly: false,
  isOnDedicatedCapacity: capacity,
  ...(capacity
    ? { capacityId: '0F084DF7-C13D-451B-AF5F-ED0C466403B2', defaultDatasetStorageFormat: 'Small' }
    : {}),
  name,
});

function page<T>(items: readonly T[], query: URLSearchParams): readonly T[] {
  const [top, skip] = ['$top', '$skip'].map((name) => {
    const text = query.get(name);
    if (text !== null && !/^\d+$/.test(text)) throw badRequest(`${name} '${text}' is no number.`, name);
    return text === null ? undefined : Number(text);
  });
  return items.slice(skip ?? 0, top === undefined ? undefined : (skip ?? 0) + top);
}

const owner = {
  displayName: 'Olga Owner',
  emailAddress: 'owner@ledgerpipe.onmicrosoft.com',
  identifier: 'owner@ledgerpipe.onmicrosoft.com',
  principalType: 'User',
  groupUserAccessRight: 'Admin',
};

const principal = ({ tenant }: Parts, { role }: Workspace) => ({
  displayName: 'Ledger loader',
  identifier: tenant.objectId,
  principalType: 'App',
  groupUserAccessRight: role,
});
