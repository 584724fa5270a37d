// Permissions of projects and data sources, and what new data sources of a project start with (tableau.md 5).
import { leads, may } from './access.ts';
import type { Call, Result } from './call.ts';
import { badRequest, forbidden } from './errors.ts';
import type { Rule } from './model.ts';
import { projectOf } from './projects.ts';
import { sourceOf } from './sources.ts';
import { childOf, childrenOf, type Input, type Tree, textOf } from './tree.ts';

const capabilities = new Set([
  'Read',
  'Write',
  'Connect',
  'ExportXml',
  'SaveAs',
  'ChangeHierarchy',
  'Delete',
  'ChangePermissions',
  'VizqlDataApiAccess',
  'ProjectLeader',
  'Overwrite',
  'ExtractRefresh',
  'PulseMetricDefine',
  'AiAccess',
]);

interface Subject {
  readonly about: Tree;
  readonly rules: readonly Rule[];
  set(rules: Rule[]): void;
}

export function permissionHandlers() {
  const get = (subject: (call: Call) => Subject) => (call: Call) => show(subject(call));
  const put = (subject: (call: Call) => Subject) => (call: Call) => {
    const found = subject(call);
    found.set(merged(found.rules, readRules(childOf(call.input, 'permissions'))));
    return show(subject(call));
  };
  return {
    getProject: get(projectRules),
    putProject: put(projectRules),
    getDefaults: get(projectDefaults),
    putDefaults: put(projectDefaults),
    getSource: get(sourceRules),
    putSource: put(sourceRules),
  };
}

/** Reading permissions needs what changing them needs: 403 says nothing about anything else. */
function projectRules({ site, session, parts: [id] }: Call): Subject {
  const project = projectOf(site, id);
  if (!leads(session.user, site, project)) throw forbidden('Permissions are for project leaders');
  const about = { project: { id: project.id, name: project.name, owner: { id: project.owner.id } } };
  return {
    about,
    rules: project.rules,
    set: (rules) => {
      project.rules = rules;
    },
  };
}

function projectDefaults(call: Call): Subject {
  const { about } = projectRules(call);
  const project = projectOf(call.site, call.parts[0]);
  return {
    about,
    rules: project.defaults,
    set: (rules) => {
      project.defaults = rules;
    },
  };
}

function sourceRules({ site, session, parts: [id] }: Call): Subject {
  const source = sourceOf(site, id);
  if (!may(session.user, 'ChangePermissions', { site, content: source }))
    throw forbidden('Permissions are for owners and project leaders');
  return {
    about: { datasource: { id: source.id, name: source.name, owner: { id: source.owner.id } } },
    rules: source.rules,
    set: (rules) => {
      source.rules = rules;
    },
  };
}

function show({ about, rules }: Subject): Result {
  const granteeCapabilities = rules.map(({ grantee, capabilities }) => ({
    [grantee.kind]: { id: grantee.id },
    capabilities: { capability: [...capabilities].map(([name, mode]) => ({ name, mode })) },
  }));
  return { status: 200, tree: { permissions: { ...about, granteeCapabilities } } };
}

function readRules(input: Input | undefined): Rule[] {
  return childrenOf(input, 'granteeCapabilities').map((entry) => {
    const kind = childOf(entry, 'user') ? 'user' : 'group';
    const id = textOf(childOf(entry, kind), 'id');
    if (!id) throw badRequest(400003, 'A grantee needs an id');
    const given = childrenOf(childOf(entry, 'capabilities'), 'capability');
    return { grantee: { kind, id }, capabilities: new Map(given.map(readCapability)) };
  });
}

function readCapability(input: Input): [string, 'Allow' | 'Deny'] {
  const [name = '', mode] = [textOf(input, 'name'), textOf(input, 'mode')];
  if (!capabilities.has(name) || (mode !== 'Allow' && mode !== 'Deny'))
    throw badRequest(400009, `Invalid capability "${name}" or mode "${mode ?? ''}"`);
  return [name, mode];
}

function merged(before: readonly Rule[], added: readonly Rule[]): Rule[] {
  const rules = before.map((rule) => ({ ...rule, capabilities: new Map(rule.capabilities) }));
  for (const rule of added) {
    const same = rules.find(
      ({ grantee }) => grantee.id === rule.grantee.id && grantee.kind === rule.grantee.kind,
    );
    if (same) for (const [name, mode] of rule.capabilities) same.capabilities.set(name, mode);
    else rules.push(rule);
  }
  return rules;
}
