// The datasets and reports of all workspaces: what there is, and finding one or refusing.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { notFound, odataError } from './answers.ts';
import type { TableDefinition } from './definitions.ts';
import { Quotas } from './quotas.ts';
import type { RelationshipDefinition } from './relationships.ts';
import { Sequences } from './sequences.ts';
import { StoredTable } from './stored-table.ts';
import type { Switches } from './switches.ts';

export type Retention = 'None' | 'basicFIFO';

/** Takes rows by the REST API; every other kind of dataset is only looked at. */
export type Mode = 'Push' | 'Streaming' | 'PushStreaming' | 'Import' | 'DirectLake';

export interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly createdAt: number;
  readonly mode: Mode;
  readonly retention: Retention;
  readonly tables: readonly StoredTable[];
  readonly relationships: readonly RelationshipDefinition[];
  readonly quotas: Quotas;
  readonly sequences: Sequences;
  readonly refreshes: Refresh[];
  /** Brings rows from where the dataset only looks at them. */
  readonly load?: () => Promise<void>;
}

export interface Refresh {
  readonly requestId: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly refreshType: 'ViaApi';
  readonly status: 'Completed';
}

export interface Report {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  datasetId: string;
}

export interface NewDataset {
  readonly name: string;
  readonly workspaceId: string;
  readonly mode: Mode;
  readonly retention?: Retention;
  readonly tables: readonly TableDefinition[];
  readonly relationships: readonly RelationshipDefinition[];
  readonly load?: () => Promise<void>;
}

export class Datasets {
  readonly #clock: Clock;
  readonly #switches: Switches;
  #all: Dataset[] = [];
  #reports: Report[] = [];

  constructor(clock: Clock, switches: Switches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  add({ name, workspaceId, mode, retention = 'None', tables, relationships, load }: NewDataset): Dataset {
    const dataset: Dataset = {
      id: randomUUID(),
      name,
      workspaceId,
      createdAt: this.#clock.now(),
      mode,
      retention,
      tables: tables.map((one) => new StoredTable(one)),
      relationships,
      quotas: new Quotas(this.#clock, this.#switches),
      sequences: new Sequences(this.#switches),
      refreshes: [],
      ...(load ? { load } : {}),
    };
    this.#all.push(dataset);
    return dataset;
  }

  /** All of a workspace, new ones too. */
  in(workspaceId: string): readonly Dataset[] {
    return this.#all.filter((one) => one.workspaceId === workspaceId);
  }

  /** Those a list shows: a new one takes its time. */
  listed(workspaceId: string): readonly Dataset[] {
    const until = this.#clock.now() - this.#switches.listedAfter;
    return this.in(workspaceId).filter(({ createdAt }) => createdAt <= until);
  }

  find(workspaceId: string, id: string): Dataset {
    const found = this.in(workspaceId).find((one) => one.id === id);
    if (!found) throw notFound(this.#switches.notFoundEnvelope, 'PowerBIEntityNotFound');
    return found;
  }

  /** A dataset that takes rows. */
  push(workspaceId: string, id: string): Dataset {
    const dataset = this.find(workspaceId, id);
    if (dataset.mode !== 'Import' && dataset.mode !== 'DirectLake') return dataset;
    throw this.#missing(`Dataset <pi>${dataset.name}</pi> is not Push API dataset.`);
  }

  table({ name, tables }: Dataset, wanted: string): StoredTable {
    const fold = (text: string): string => (this.#switches.caseSensitiveTables ? text : text.toLowerCase());
    const found = tables.find((one) => fold(one.name) === fold(wanted));
    if (!found) throw this.#missing(`Table <pi>${wanted}</pi> not found in dataset <pi>${name}</pi>.`);
    return found;
  }

  #missing = (message: string) => odataError(this.#switches.itemNotFoundStatus, 'ItemNotFound', { message });

  /** Its reports go with it, and their tiles. */
  remove(dataset: Dataset): void {
    this.#all = this.#all.filter((one) => one !== dataset);
    this.#reports = this.#reports.filter(({ datasetId }) => datasetId !== dataset.id);
  }

  get reports(): readonly Report[] {
    return this.#reports;
  }

  addReport(name: string, { id: datasetId, workspaceId }: Dataset): Report {
    const report: Report = { id: randomUUID(), name, workspaceId, datasetId };
    this.#reports.push(report);
    return report;
  }
}
