// The files of a project: listed by the documented endpoints, written by the undocumented ones behind a switch.
import { ApiFailure, invalid, missing, notFound, nothing, text } from '../answers.ts';
import { type Call, type Routes, route } from '../routes.ts';
import type { Project, Workspace } from './project.ts';
import { inDev, type ProjectParts } from './routes.ts';

const develop = { needs: ['develop'] } as const;

export function fileRoutes({ projects, switches }: ProjectParts): Routes {
  const of = ({ parts: [name = ''] }: Call): Project => projects.get(name);
  const seen = (call: Call): Workspace => of(call).workspace(call.caller);
  const listed: Routes = {
    'GET /projects/*/files': route(
      'non_query',
      (call) => call.answer([...seen(call).files.keys()].map(describe)),
      { needs: ['see_lookml'] },
    ),
    'GET /projects/*/files/file': route(
      'non_query',
      (call) => {
        const id = call.query.get('file_id') ?? '';
        if (!seen(call).files.has(id)) throw notFound();
        return call.answer(describe(id));
      },
      { needs: ['see_lookml'] },
    ),
  };
  return {
    ...listed,
    ...(switches.fileEndpoints ? written(of) : {}),
    ...(switches.directoryEndpoints ? directories(of) : {}),
  };
}

/** Undocumented: seen in Google's own tools (looker.md 4), so their shapes are those that the tools send. */
function written(of: (call: Call) => Project): Routes {
  const edit = (call: Call, wanted: 'new' | 'there'): void => {
    inDev(call.caller);
    const { path, content } = call.body;
    if (typeof path !== 'string' || path === '') throw invalid(missing('path'));
    if (typeof content !== 'string') throw invalid(missing('content'));
    const workspace = of(call).workspace(call.caller);
    const there = workspace.files.has(path);
    if (wanted === 'new' && there) throw new ApiFailure(409, `File "${path}" already exists.`);
    if (wanted === 'there' && !there) throw notFound();
    of(call).write(workspace, path, content);
  };
  const pathOf = (call: Call): string => {
    const path = call.query.get('file_path') ?? '';
    if (!of(call).workspace(call.caller).files.has(path)) throw notFound();
    return path;
  };
  return {
    'POST /projects/*/files': route(
      'non_query',
      (call) => {
        edit(call, 'new');
        return nothing();
      },
      develop,
    ),
    'PUT /projects/*/files': route(
      'non_query',
      (call) => {
        edit(call, 'there');
        return nothing();
      },
      develop,
    ),
    'DELETE /projects/*/files': route(
      'non_query',
      (call) => {
        inDev(call.caller);
        of(call).write(of(call).workspace(call.caller), pathOf(call), undefined);
        return nothing();
      },
      develop,
    ),
    'GET /projects/*/file/content': route(
      'non_query',
      (call) => text(of(call).workspace(call.caller).files.get(pathOf(call)) ?? ''),
      { needs: ['see_lookml'] },
    ),
    'POST /projects/*/commit': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        await of(call).commit(of(call).workspace(call.caller), String(call.body.message ?? 'Commit'));
        return nothing();
      },
      develop,
    ),
    'POST /projects/*/push_branch': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        await of(call).fetch();
        await of(call).push(of(call).workspace(call.caller));
        return nothing();
      },
      develop,
    ),
  };
}

/** Directories exist by their files alone; an empty one is remembered by nobody. */
function directories(of: (call: Call) => Project): Routes {
  return {
    'GET /projects/*/directories': route(
      'non_query',
      (call) => {
        const paths = [...of(call).workspace(call.caller).files.keys()];
        const folders = new Set(
          paths.flatMap((path) => (path.includes('/') ? [path.replace(/\/[^/]*$/, '')] : [])),
        );
        return call.answer([...folders].map((path) => ({ path })));
      },
      develop,
    ),
    'POST /projects/*/directories': route(
      'non_query',
      (call) => {
        inDev(call.caller);
        return nothing();
      },
      develop,
    ),
    'DELETE /projects/*/directories': route(
      'non_query',
      (call) => {
        inDev(call.caller);
        const project = of(call);
        const folder = `${String(call.body.path ?? call.query.get('path') ?? '')}/`;
        const workspace = project.workspace(call.caller);
        for (const path of workspace.files.keys())
          if (path.startsWith(folder)) project.write(workspace, path, undefined);
        return nothing();
      },
      develop,
    ),
  };
}

function describe(path: string): Record<string, unknown> {
  const [, type = 'other', extension = ''] =
    /\.?(model|view|explore|dashboard|manifest)?(\.lkml|\.lookml|\.[^.]+)$/.exec(path) ?? [];
  return {
    can: {},
    ...{ id: path, path, title: path.replace(/^.*\//, '').replace(/\..*$/, ''), type, extension },
    ...{
      mime_type: 'text/plain',
      editable: true,
      git_status: { action: null, conflict: false, revertable: false },
    },
  };
}
