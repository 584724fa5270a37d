// What a server holds: sites, users, projects, data sources, workbooks, and who may do what with them.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Hyperd } from '../hyperd/index.ts';
import type { Jobs } from './jobs.ts';
import type { Quotas } from './quotas.ts';
import type { Schedule, Task } from './schedules.ts';
import type { Switches } from './switches.ts';
import type { Uploads } from './uploads.ts';
import type { Lane } from './waiting.ts';

export const siteRoles = [
  'ServerAdministrator',
  'SiteAdministratorCreator',
  'SiteAdministratorExplorer',
  'Creator',
  'ExplorerCanPublish',
  'Explorer',
  'Viewer',
  'Unlicensed',
] as const;

export type SiteRole = (typeof siteRoles)[number];

export interface User {
  readonly id: string;
  /** On Cloud an e-mail address. */
  readonly name: string;
  readonly password: string;
  /** Site id to role; a user is in no other site. */
  readonly roles: Map<string, SiteRole>;
}

export interface PersonalToken {
  readonly name: string;
  readonly secret: string;
  readonly user: User;
  readonly createdAt: number;
  usedAt: number;
}

/** Capabilities of one user, or of everybody. */
export interface Rule {
  readonly grantee: { readonly kind: 'user' | 'group'; readonly id: string };
  readonly capabilities: Map<string, 'Allow' | 'Deny'>;
}

export interface Project {
  readonly id: string;
  name: string;
  description: string;
  parentId: string | undefined;
  contentPermissions: string;
  readonly owner: User;
  readonly createdAt: number;
  updatedAt: number;
  rules: Rule[];
  /** Rules that new data sources start with. */
  defaults: Rule[];
}

export interface Revision {
  readonly number: number;
  readonly publishedAt: number;
  readonly publisher: User;
  readonly bytes: number;
}

export interface DataSource {
  readonly id: string;
  name: string;
  contentUrl: string;
  description: string;
  /** `hyper`: live to a Hyper file. `extract`: a database connection with a cached extract, which can be refreshed. */
  kind: 'hyper' | 'extract';
  project: Project;
  owner: User;
  readonly createdAt: number;
  updatedAt: number;
  /** From when on name filters find it. */
  visibleAt: number;
  revisions: Revision[];
  readonly connectionId: string;
  /** The stored file; of an extract without one, undefined. */
  file: string | undefined;
  bytes: number;
  readonly tags: Set<string>;
  isCertified: boolean;
  certificationNote: string;
  useRemoteQueryAgent: boolean;
  /** Names of what people added on the server; a bare file that overwrites the source has none of it. */
  calculatedFields: string[];
  rules: Rule[];
  /** Served by Tableau Bridge: its refreshes end with finishCode 3. */
  bridge: boolean;
  /** One update at a time. */
  readonly lane: Lane;
}

export interface Workbook {
  readonly id: string;
  name: string;
  readonly contentUrl: string;
  readonly project: Project;
  readonly owner: User;
  readonly createdAt: number;
  updatedAt: number;
  readonly hasExtracts: boolean;
  /** The data sources it is connected to. */
  readonly sources: readonly DataSource[];
  freshness: { readonly option: string };
}

export interface Site {
  readonly id: string;
  readonly contentUrl: string;
  readonly name: string;
  /** The group "All Users". */
  readonly everyone: string;
  readonly projects: Map<string, Project>;
  readonly sources: Map<string, DataSource>;
  readonly workbooks: Map<string, Workbook>;
  readonly tasks: Map<string, Task>;
}

export interface ConnectedApp {
  readonly clientId: string;
  readonly secretId: string;
  readonly secretValue: string;
}

/** Everything the routes work on. */
export interface World {
  readonly clock: Clock;
  readonly kind: 'cloud' | 'server';
  /** The newest REST API version the server speaks. */
  readonly version: string;
  readonly switches: Switches;
  readonly sites: Map<string, Site>;
  readonly users: User[];
  readonly tokens: PersonalToken[];
  readonly app: ConnectedApp;
  readonly schedules: Map<string, Schedule>;
  readonly jobs: Jobs;
  readonly quotas: Quotas;
  readonly uploads: Uploads;
  readonly hyperd: Hyperd;
  readonly directory: string;
  /** Ms until a new source shows in name filters. */
  readonly indexDelay: number;
  /** The newest .hyper format the server reads. */
  readonly fileVersion: number;
}

export const newId = (): string => randomUUID();

/** `2026-01-31T12:00:00Z` */
export const instant = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** `3.9` comes before `3.10`. */
export function atLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

export function siteOf(world: World, contentUrl: string): Site | undefined {
  return [...world.sites.values()].find((site) => site.contentUrl.toLowerCase() === contentUrl.toLowerCase());
}
