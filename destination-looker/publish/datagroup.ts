// After a load: the model's datagroup is marked triggered, so that caches are renewed and schedules on it run.
import { pathOf } from '../api.ts';
import { datagroupName } from '../model/index.ts';
import { objectsIn, type Publication, say } from './steps.ts';

/** PATCH /datagroups/{id} takes UNIX seconds and refuses times to come. Needs "update_datagroups". */
export async function triggerDatagroup(publication: Publication): Promise<void> {
  const { api, context, settings } = publication;
  const purpose = `trigger the datagroup "${datagroupName}" of the model "${settings.name}"`;
  const all = await api.json({ method: 'GET', path: '/datagroups', purpose, signal: context.signal });
  const found = objectsIn(all).find(
    ({ model_name, name }) => model_name === settings.name && name === datagroupName,
  );
  if (found?.id === undefined) {
    await say(
      publication,
      'WARN',
      `Looker knows no datagroup "${datagroupName}" of the model "${settings.name}" yet: deploy the model, or give the key's user "see_datagroups"; caches last up to an hour until then`,
    );
    return;
  }
  const trigger = (seconds: number, accept: readonly number[]) =>
    api.call({
      method: 'PATCH',
      path: pathOf('datagroups', String(found.id)),
      body: { triggered_at: seconds },
      purpose: `${purpose} (permission "update_datagroups")`,
      repeatable: true,
      accept,
      signal: context.signal,
    });
  const answer = await trigger(Math.floor(context.clock.now() / 1000), [400, 422]);
  // This machine's clock is ahead of Looker's: theirs stands in the answer.
  const theirs = Date.parse(answer.headers.date ?? '');
  if (answer.status >= 300) await trigger(Math.floor(theirs / 1000) || 0, []);
  await say(publication, 'INFO', `Triggered the datagroup "${settings.name}::${datagroupName}"`);
}
