// Jobs as the API shows them: one by one, and in the list of background jobs (tableau.md 4).
import type { Job, JobKind } from './jobs.ts';
import { instant, type World } from './model.ts';
import { type Tree, words } from './tree.ts';

export function jobBody(job: Job, world: World): Tree {
  const { outcome, startedAt, completedAt } = job;
  const notes = outcome?.notes === undefined ? {} : { notes: words(outcome.notes) };
  return {
    id: job.id,
    mode: 'Asynchronous',
    type: typeOf(job.kind, world),
    progress: world.jobs.progress(job),
    createdAt: instant(job.createdAt),
    startedAt: startedAt === undefined ? undefined : instant(startedAt),
    updatedAt: startedAt === undefined ? undefined : instant(completedAt ?? world.clock.now()),
    completedAt: completedAt === undefined ? undefined : instant(completedAt),
    finishCode: outcome?.finishCode,
    ...statusNotes(job),
    ...(job.kind === 'update' ? { updateUploadedFileJob: updateBody(job, notes) } : {}),
    ...(job.kind === 'refresh' ? { extractRefreshJob: refreshBody(job) } : {}),
  };
}

function typeOf(kind: JobKind, { switches }: World): string {
  if (kind === 'publish') return 'PublishDatasource';
  return kind === 'refresh' ? 'RefreshExtract' : switches.updateJobType;
}

function statusNotes({ outcome }: Job): Tree {
  if (outcome?.errorCode === undefined) return {};
  const note = { type: 'errorCode', value: String(outcome.errorCode), text: outcome.notes };
  return { statusNotes: { statusNote: [note] } };
}

function updateBody({ content }: Job, notes: Tree): Tree {
  if (!content || !('connectionId' in content)) return notes;
  return {
    datasource: { id: content.id, name: content.name },
    connectionLuid: words(content.connectionId),
    ...notes,
  };
}

function refreshBody({ content, outcome }: Job): Tree {
  const notes = { notes: words(outcome?.notes ?? '') };
  if (!content) return notes;
  const named = { id: content.id, name: content.name };
  return { ...notes, ...('connectionId' in content ? { datasource: named } : { workbook: named }) };
}

const listTypes: Readonly<Record<JobKind, string>> = {
  publish: 'publish_datasource',
  update: 'update_uploaded_file',
  refresh: 'refresh_extracts',
};

/** The words of the list differ from those of one job. */
export function backgroundJob(job: Job): Readonly<Record<string, string | number>> {
  const { startedAt, completedAt } = job;
  return {
    id: job.id,
    status: statusOf(job),
    createdAt: instant(job.createdAt),
    ...(startedAt === undefined ? {} : { startedAt: instant(startedAt) }),
    ...(completedAt === undefined ? {} : { endedAt: instant(completedAt) }),
    priority: 50,
    jobType: listTypes[job.kind],
    title: job.content?.name ?? '',
  };
}

function statusOf({ outcome, startedAt }: Job): string {
  if (!outcome) return startedAt === undefined ? 'Pending' : 'InProgress';
  if (outcome.finishCode === 2) return 'Cancelled';
  return outcome.finishCode === 1 ? 'Failed' : 'Success';
}
