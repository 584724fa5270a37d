// What a server starts with: sites with their projects, users with their roles and tokens, schedules on Server.
import { forEveryone } from './access.ts';
import {
  type ConnectedApp,
  newId,
  type PersonalToken,
  type Project,
  type Site,
  type SiteRole,
  type User,
} from './model.ts';
import type { Schedule } from './schedules.ts';

export interface ProjectOptions {
  readonly name: string;
  readonly description?: string;
  /** Projects below it. */
  readonly projects?: readonly ProjectOptions[];
  /** Who may publish into it: everybody with a publishing role, unless said otherwise. */
  readonly writeable?: boolean;
  readonly contentPermissions?: string;
}

export interface SiteOptions {
  /** The part of the address after /site/; empty only on Server, for its default site. */
  readonly contentUrl: string;
  readonly name?: string;
  /** Besides the project "Default". */
  readonly projects?: readonly ProjectOptions[];
}

export interface UserOptions {
  readonly name: string;
  readonly password?: string;
  /** In every site; Creator unless said otherwise. */
  readonly siteRole?: SiteRole;
  /** By the site's contentUrl; a user is then in these sites alone. */
  readonly siteRoles?: Readonly<Record<string, SiteRole>>;
  readonly tokens?: readonly { readonly name: string; readonly secret: string }[];
}

export const usualApp: ConnectedApp = {
  clientId: '6c1b2a53-7f0e-4d4c-9a36-0a4bb1d5f2a1',
  secretId: 'e2f8a0c4-3d5b-4e6f-8a9b-1c2d3e4f5a6b',
  secretValue: 'Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1zZWNyZXQ=',
};

export const usualUser: UserOptions = {
  name: 'loader@example.com',
  password: 'correct horse battery staple',
  tokens: [{ name: 'ledgerpipe', secret: 'bGVkZ2VycGlwZQ==:wq3nTq0JpVxKbYd2sLhU7rCz' }],
};

/** Cloud sites always have a contentUrl. */
export const usualSites = (kind: 'cloud' | 'server'): readonly SiteOptions[] => [
  kind === 'cloud' ? { contentUrl: 'books', name: 'Books' } : { contentUrl: '', name: 'Default' },
];

/** The owner of what nobody made. */
const systemName = '_system';

export interface Seeded {
  readonly sites: Map<string, Site>;
  readonly users: User[];
  readonly tokens: PersonalToken[];
  readonly schedules: Map<string, Schedule>;
}

export function seed(
  {
    sites: siteOptions,
    users: userOptions,
  }: { sites: readonly SiteOptions[]; users: readonly UserOptions[] },
  { kind, now }: { kind: 'cloud' | 'server'; now: number },
): Seeded {
  const system: User = { id: newId(), name: systemName, password: newId(), roles: new Map() };
  const sites = new Map<string, Site>();
  for (const options of siteOptions) {
    const site = siteFrom(options, { owner: system, now });
    sites.set(site.id, site);
  }
  const tokens: PersonalToken[] = [];
  const users = userOptions.map((options) => {
    const user = userFrom(options, [...sites.values()]);
    for (const { name, secret } of options.tokens ?? [])
      tokens.push({ name, secret, user, createdAt: now, usedAt: now });
    return user;
  });
  return {
    sites,
    users: [...users, system],
    tokens,
    schedules: kind === 'server' ? schedules(now) : new Map(),
  };
}

function siteFrom(
  { contentUrl, name = contentUrl, projects = [] }: SiteOptions,
  { owner, now }: { owner: User; now: number },
): Site {
  const site: Site = {
    id: newId(),
    contentUrl,
    name,
    everyone: newId(),
    projects: new Map(),
    sources: new Map(),
    workbooks: new Map(),
    tasks: new Map(),
  };
  const add = (options: ProjectOptions, parentId: string | undefined): void => {
    const project = projectFrom(options, { parentId, site, owner, now });
    site.projects.set(project.id, project);
    for (const child of options.projects ?? []) add(child, project.id);
  };
  add({ name: 'Default', description: 'The default project.' }, undefined);
  for (const project of projects) add(project, undefined);
  return site;
}

function projectFrom(
  { name, description = '', writeable = true, contentPermissions = 'ManagedByOwner' }: ProjectOptions,
  { parentId, site, owner, now }: { parentId: string | undefined; site: Site; owner: User; now: number },
): Project {
  return {
    id: newId(),
    name,
    description,
    parentId,
    contentPermissions,
    owner,
    createdAt: now,
    updatedAt: now,
    rules: [forEveryone(site, writeable ? ['Read', 'Write'] : ['Read'])],
    defaults: [forEveryone(site, ['Read', 'Connect'])],
  };
}

function userFrom(
  { name, password = newId(), siteRole = 'Creator', siteRoles }: UserOptions,
  sites: readonly Site[],
): User {
  const roles = new Map<string, SiteRole>();
  for (const site of sites) {
    const role = siteRoles ? siteRoles[site.contentUrl] : siteRole;
    if (role) roles.set(site.id, role);
  }
  return { id: newId(), name, password, roles };
}

/** As a fresh Server has them. */
function schedules(now: number): Map<string, Schedule> {
  const rows: readonly (readonly [string, Schedule['type'], Schedule['frequency']])[] = [
    [
      'Weekday early mornings',
      'Extract',
      { frequency: 'Weekly', start: '04:00:00', end: undefined, intervals: [{ weekDay: 'Monday' }] },
    ],
    [
      'End of the month',
      'Extract',
      { frequency: 'Monthly', start: '23:00:00', end: undefined, intervals: [{ monthDay: 'LastDay' }] },
    ],
    [
      'Saturday night',
      'Subscription',
      { frequency: 'Weekly', start: '23:30:00', end: undefined, intervals: [{ weekDay: 'Saturday' }] },
    ],
  ];
  return new Map(
    rows.map(([name, type, frequency]) => {
      const id = newId();
      return [id, { id, name, type, frequency, createdAt: now }];
    }),
  );
}
