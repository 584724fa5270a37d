// What a server says of itself, its site and its users.
import { isAdministrator } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, forbidden } from './errors.ts';
import { listed } from './list.ts';
import type { Site, User, World } from './model.ts';
import { type Tree, text, words } from './tree.ts';

export function serverHandlers(world: World) {
  return {
    info: (): Result => ({
      status: 200,
      tree: {
        serverInfo: {
          productVersion: { [text]: productVersion(world), build: '20262.26.0612.0915' },
          restApiVersion: words(world.version),
          platform: words('linux'),
        },
      },
    }),
    site: ({ site }: Call): Result => ({ status: 200, tree: { site: siteBody(site) } }),
    user: ({ site, session, parts: [id] }: Call): Result => {
      const user = world.users.find((one) => one.id === id);
      if (!user?.roles.has(site.id)) throw new ApiFailure(404002, `The user ID "${id}" could not be found.`);
      if (user !== session.user && !isAdministrator(session.user, site))
        throw forbidden('Other users are for site administrators');
      return { status: 200, tree: { user: userBody(user, site) } };
    },
    users: (call: Call): Result => {
      const { site, session } = call;
      if (!isAdministrator(session.user, site)) throw forbidden('Users are for site administrators');
      const rows = world.users
        .filter((user) => user.roles.has(site.id))
        .map((user) => ({ fields: { name: user.name }, body: userBody(user, site) }));
      return listed(call, rows, ['users', 'user']);
    },
  };
}

/** 3.29 is 26.2; before 26.1 a release was named after its year (tableau.md 1.2). */
function productVersion({ version }: World): string {
  const names: Readonly<Record<string, string>> = {
    '3.29': '2026.2.0',
    '3.28': '2026.1.0',
    '3.27': '2025.3.0',
    '3.21': '2023.3.0',
    '3.15': '2022.1.0',
    '3.14': '2021.4.0',
    '3.12': '2021.2.0',
  };
  return names[version] ?? '2024.2.0';
}

const siteBody = ({ id, name, contentUrl }: Site): Tree => ({
  id,
  name,
  contentUrl,
  adminMode: 'ContentAndUsers',
  state: 'Active',
});

const userBody = (user: User, site: Site): Tree => ({
  id: user.id,
  name: user.name,
  siteRole: user.roles.get(site.id),
});
