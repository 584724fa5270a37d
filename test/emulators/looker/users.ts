// The users of the instance with their API keys and permissions, and how the API describes them.
import { notFound } from './answers.ts';
import { type Granted, type Permission, permissionsOf } from './permissions.ts';
import { type Routes, route } from './routes.ts';

export interface UserOptions {
  readonly id?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name?: string;
  /** "Admin" unless said otherwise. */
  readonly permissions?: Granted;
  /** Models of the role; all of them unless said otherwise. */
  readonly models?: readonly string[];
  readonly disabled?: boolean;
}

export interface User {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  readonly models: readonly string[] | undefined;
  permissions: ReadonlySet<Permission>;
  /** Name of the permission set, as the role shows it. */
  set: string;
  disabled: boolean;
}

export class Users {
  readonly list: User[];

  constructor(options: readonly UserOptions[]) {
    this.list = options.map((one, index) => ({
      id: one.id ?? String(index + 1),
      clientId: one.clientId,
      clientSecret: one.clientSecret,
      name: one.name ?? `User ${index + 1}`,
      models: one.models,
      permissions: permissionsOf(one.permissions ?? 'Admin'),
      set: nameOf(one.permissions ?? 'Admin'),
      disabled: one.disabled ?? false,
    }));
  }

  byKey(clientId: string, clientSecret: string): User | undefined {
    return this.list.find(
      (one) => !one.disabled && one.clientId === clientId && one.clientSecret === clientSecret,
    );
  }

  byId(id: string): User {
    const found = this.list.find((one) => one.id === id);
    if (!found) throw notFound();
    return found;
  }

  /** Changes what a user may do, from its next call on. */
  grant(user: User, granted: Granted): void {
    user.permissions = permissionsOf(granted);
    user.set = nameOf(granted);
  }
}

const nameOf = (granted: Granted): string => (typeof granted === 'string' ? granted : 'Custom');

export const may = (user: User, permission: Permission): boolean => user.permissions.has(permission);

/** Instance-wide permissions open all models; the others only those of the role. */
export const mayUseModel = (user: User, model: string): boolean =>
  user.models === undefined || may(user, 'manage_models') || user.models.includes(model);

export function describeUser(user: User): Record<string, unknown> {
  const [first_name = '', last_name = ''] = user.name.split(' ');
  return {
    can: { show: true },
    ...{ id: user.id, first_name, last_name, display_name: user.name, email: null },
    ...{ group_ids: ['1'], role_ids: [roleId(user)], is_disabled: user.disabled },
    ...{ home_folder_id: '1', personal_folder_id: null, locale: 'en', is_service_account: true },
    ...{ can_manage_api3_creds: may(user, 'administer'), is_iam_admin: false },
    ...{ presumed_looker_employee: false, verified_looker_employee: false },
  };
}

export function publicUser(user: User): Record<string, unknown> {
  const { id, first_name, last_name, display_name } = describeUser(user);
  return {
    can: {},
    id,
    first_name,
    last_name,
    display_name,
    avatar_url: 'https://www.gravatar.com/avatar/0',
  };
}

const roleId = (user: User): string => String(100 + Number.parseInt(user.id, 10));

function describeRole(user: User): Record<string, unknown> {
  const all = user.models === undefined;
  return {
    can: {},
    ...{ id: roleId(user), name: `${user.set} of ${user.name}`, internal: false },
    permission_set: {
      can: {},
      ...{ id: roleId(user), name: user.set, built_in: user.set !== 'Custom' },
      ...{ all_access: user.set === 'Admin', permissions: [...user.permissions] },
    },
    permission_set_id: roleId(user),
    model_set: {
      can: {},
      ...{ id: roleId(user), name: all ? 'All' : 'Some', built_in: all, all_access: all },
      models: [...(user.models ?? [])],
    },
    model_set_id: roleId(user),
  };
}

export function userRoutes({ users, ownRolesVisible }: { users: Users; ownRolesVisible: boolean }): Routes {
  return {
    'GET /user': route('non_query', ({ caller, answer }) => answer(describeUser(caller.user))),
    'GET /users/*': route('non_query', ({ parts: [id = ''], caller, answer }) => {
      if (id !== caller.user.id && !may(caller.user, 'see_users')) throw notFound();
      return answer(describeUser(users.byId(id)));
    }),
    'GET /users/*/roles': route('non_query', ({ parts: [id = ''], caller, answer }) => {
      const own = ownRolesVisible && id === caller.user.id;
      if (!own && !may(caller.user, 'see_users')) throw notFound();
      return answer([describeRole(users.byId(id))]);
    }),
  };
}
