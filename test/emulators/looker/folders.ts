// Folders of content: the shared root and what is made under it.
import { ApiFailure, invalid, missing, notFound, nothing } from './answers.ts';
import { type Routes, route } from './routes.ts';

interface Folder {
  readonly id: string;
  name: string;
  parent: string | null;
}

export interface Folders {
  readonly routes: Routes;
  describe(id: string): Record<string, unknown> | undefined;
}

const SHARED = '1';

export function folders(): Folders {
  const list = new Map<string, Folder>([
    [SHARED, { id: SHARED, name: 'Shared', parent: null }],
    ['2', { id: '2', name: 'Users', parent: null }],
  ]);
  const of = (id = ''): Folder => {
    const found = list.get(id);
    if (!found) throw notFound();
    return found;
  };
  const childrenOf = (id: string): Folder[] => [...list.values()].filter(({ parent }) => parent === id);
  const describe = ({ id, name, parent }: Folder): Record<string, unknown> => ({
    can: { show: true, update: true, create: true },
    ...{
      id,
      name,
      parent_id: parent,
      child_count: childrenOf(id).length,
      external_id: null,
      is_embed: false,
    },
    ...{
      is_shared_root: id === SHARED,
      is_users_root: id === '2',
      is_personal: false,
      is_personal_descendant: false,
    },
  });
  const manage = { needs: ['manage_spaces'] } as const;
  let next = 10;
  return {
    describe: (id) => {
      const found = list.get(id);
      return found && describe(found);
    },
    routes: {
      'GET /folders': route('non_query', ({ answer }) => answer([...list.values()].map(describe))),
      'GET /folders/search': route('non_query', ({ query, answer }) => {
        const name = query.get('name')?.toLowerCase().replaceAll('%', '');
        const parent = query.get('parent_id');
        const found = [...list.values()].filter(
          (one) =>
            (name === undefined || one.name.toLowerCase() === name) &&
            (parent === null || one.parent === parent),
        );
        return answer(found.map(describe));
      }),
      'POST /folders': route(
        'non_query',
        ({ body, answer }) => {
          const { name, parent_id } = body;
          if (typeof name !== 'string' || name === '') throw invalid(missing('name'));
          if (typeof parent_id !== 'string') throw invalid(missing('parent_id'));
          of(parent_id);
          if (childrenOf(parent_id).some((one) => one.name === name))
            throw new ApiFailure(409, `Folder "${name}" already exists.`);
          const made = { id: String(next++), name, parent: parent_id };
          list.set(made.id, made);
          return answer(describe(made));
        },
        manage,
      ),
      'GET /folders/*': route('non_query', ({ parts: [id], answer }) => answer(describe(of(id)))),
      'GET /folders/*/children': route('non_query', ({ parts: [id], answer }) =>
        answer(childrenOf(of(id).id).map(describe)),
      ),
      'PATCH /folders/*': route(
        'non_query',
        ({ parts: [id], body, answer }) => {
          const one = of(id);
          if (typeof body.name === 'string') one.name = body.name;
          if (typeof body.parent_id === 'string') one.parent = of(body.parent_id).id;
          return answer(describe(one));
        },
        manage,
      ),
      'DELETE /folders/*': route(
        'non_query',
        ({ parts: [id] }) => {
          list.delete(of(id).id);
          return nothing();
        },
        manage,
      ),
    },
  };
}
