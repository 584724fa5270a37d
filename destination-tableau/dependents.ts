// After the rows: extracts that are built on the data sources are refreshed, where a run changed anything.
import { refreshExtract } from './api/refresh.ts';
import type { Run } from './run.ts';

/** Refreshes what the settings list; nothing that Tableau refuses ends the run. */
export async function refreshDependents(run: Run): Promise<void> {
  const { config } = run.context;
  if (config.refresh.length === 0 || run.changed.size === 0) return;
  for (const dependent of config.refresh) {
    const name = dependent.site ?? config.site;
    const place = run.places.find(({ site }) => site === name);
    const credentials = place?.credentials ?? config.credentials;
    const refreshed = await run.sessions.on({ site: name, credentials }, (site) =>
      refreshExtract(site, dependent),
    );
    const level = refreshed.outcome === 'started' || refreshed.outcome === 'queued' ? 'INFO' : 'WARN';
    await run.log(
      level,
      JSON.stringify({
        event: 'dependent refreshed',
        kind: dependent.kind,
        id: dependent.id,
        site: name,
        ...refreshed,
      }),
    );
    if (refreshed.outcome === 'deferred' || refreshed.outcome === 'failed')
      await run.log('WARN', hint(run, dependent.id));
  }
}

/** Cloud has tasks of its own, Server shared schedules. */
function hint({ server }: Run, id: string): string {
  const isCloud = /\.online\.tableau\.com$/.test(new URL(server.url).hostname);
  return isCloud
    ? `"${id}" was not refreshed: it follows with its own refresh task, or with the next run`
    : `"${id}" was not refreshed: add it to an extract refresh schedule of the server, shortly after this run's usual end`;
}
