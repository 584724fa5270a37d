// Where Power BI differs from its swagger document of October 2024, and who says so.
import type { Difference } from './findings.ts';

const sample = 'https://learn.microsoft.com/rest/api/power-bi/datasets/get-datasets-in-group';

/** Fields that answers have and the document writes in another way, or leaves out. */
export const answerDifferences: readonly Difference[] = [
  {
    places: ['Dataset.@odata.context', 'Table.@odata.context'],
    problem: 'undeclared',
    why: 'OData version 4 puts an @ before its own words, the document has those of version 3',
    source: 'https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html',
  },
  {
    places: [
      'Dataset.createdDate',
      'Dataset.isRefreshable',
      'Dataset.isEffectiveIdentityRequired',
      'Dataset.isEffectiveIdentityRolesRequired',
      'Dataset.isOnPremGatewayRequired',
    ],
    problem: 'undeclared',
    why: 'The document capitalises names that the service does not',
    source: sample,
  },
  {
    places: ['Dataset.defaultRetentionPolicy'],
    problem: 'undeclared',
    why: 'Answers to a create name the policy',
    source: 'https://learn.microsoft.com/rest/api/power-bi/push-datasets/datasets-post-dataset-in-group',
  },
  {
    on: [
      '/groups/{groupId}/datasets/{datasetId}/tables',
      '/groups/{groupId}/datasets/{datasetId}/tables/{tableName}',
    ],
    places: ['Table.columns'],
    problem: 'missing',
    why: 'Answers name tables and nothing else',
    source: 'https://learn.microsoft.com/rest/api/power-bi/push-datasets/datasets-get-tables-in-group',
  },
];

/** What requests carry and the document leaves out. */
export const requestDifferences: readonly Difference[] = [
  {
    on: ['/groups/{groupId}/datasets/{datasetId}/tables/{tableName}/rows'],
    places: ['header x-powerbi-pushdata-sequencenumber'],
    problem: 'undeclared',
    why: 'Sequence numbers are a preview feature of 2016',
    source: 'https://powerbi.microsoft.com/blog/newdatasets',
  },
];
