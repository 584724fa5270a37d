// The data sources of a site as this run knows them: listed once, then kept up to date by what the run does.
import { addTags, type DataSource, deleteTag, listDataSources } from './api/data-sources.ts';
import type { Site } from './api/sessions.ts';

export class KnownSources {
  #sources: Map<string, DataSource> | undefined;
  #listing: Promise<void> | undefined;

  /** The source of that name in that project; names are compared as Tableau does, without regard to case. */
  async find(site: Site, project: string, name: string): Promise<DataSource | undefined> {
    const found = await this.inProject(site, project);
    return found.find((source) => source.name.toLowerCase() === name.toLowerCase());
  }

  async inProject(site: Site, project: string): Promise<readonly DataSource[]> {
    if (!this.#sources) {
      this.#listing ??= this.relist(site);
      await this.#listing;
    }
    return [...(this.#sources?.values() ?? [])].filter((source) => source.project === project);
  }

  /** Asks again: something was published of which only the name is known. */
  async relist(site: Site): Promise<void> {
    const listed = await listDataSources(site);
    this.#sources = new Map(listed.map((source) => [source.id, source]));
  }

  put(source: DataSource): void {
    this.#sources?.set(source.id, source);
  }

  /** Adds tags that are not there yet and removes those in `stale`; the same source when there is nothing to do. */
  async tag(
    site: Site,
    source: DataSource,
    { add, stale = [] }: { readonly add: readonly string[]; readonly stale?: readonly string[] },
  ): Promise<DataSource> {
    const missing = add.filter((label) => !source.tags.includes(label));
    if (missing.length + stale.length === 0) return source;
    if (missing.length > 0) await addTags(site, source.id, missing);
    for (const label of stale) await deleteTag(site, source.id, label);
    const tags = [...source.tags.filter((label) => !stale.includes(label)), ...missing];
    const tagged = { ...source, tags };
    this.put(tagged);
    return tagged;
  }
}
