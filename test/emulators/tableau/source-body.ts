// Data sources as the API shows them and describes them in requests, and how they are found by name.
import { type DataSource, instant, type Project, type Site } from './model.ts';
import { flagOf, type Input, type Tree, textOf } from './tree.ts';

/** Connection and source type of a live-to-Hyper source. */
export const typeOf = ({ kind }: DataSource): string => (kind === 'hyper' ? 'hyper' : 'postgres');

export function sourceBody(source: DataSource): Tree {
  return {
    id: source.id,
    name: source.name,
    contentUrl: source.contentUrl,
    description: source.description === '' ? undefined : source.description,
    type: typeOf(source),
    createdAt: instant(source.createdAt),
    updatedAt: instant(source.updatedAt),
    encryptExtracts: 'false',
    hasExtracts: true,
    isCertified: source.isCertified,
    certificationNote: source.certificationNote === '' ? undefined : source.certificationNote,
    useRemoteQueryAgent: source.useRemoteQueryAgent,
    // Megabytes, rounded up.
    size: Math.ceil(source.bytes / 1_048_576),
    project: { id: source.project.id, name: source.project.name },
    owner: { id: source.owner.id },
    tags: { tag: [...source.tags].map((label) => ({ label })) },
  };
}

/** A name is unique within its project only. */
export function sourceNamed(site: Site, name: string, project: Project): DataSource | undefined {
  return [...site.sources.values()].find(
    (source) => source.project === project && source.name.toLowerCase() === name.toLowerCase(),
  );
}

/** The name without what URLs dislike; a number behind it where it is taken. */
export function contentUrlOf(site: Site, name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_-]/gu, '') || 'DataSource';
  const taken = new Set([...site.sources.values()].map(({ contentUrl }) => contentUrl.toLowerCase()));
  let candidate = plain;
  for (let number = 1; taken.has(candidate.toLowerCase()); number += 1) candidate = `${plain}_${number}`;
  return candidate;
}

/** What the XML says about the source; what it does not say stays. */
export function applySettings(source: DataSource, input: Input): void {
  source.description = textOf(input, 'description') ?? source.description;
  source.isCertified = flagOf(input, 'isCertified') ?? source.isCertified;
  source.certificationNote = textOf(input, 'certificationNote') ?? source.certificationNote;
  source.useRemoteQueryAgent = flagOf(input, 'useRemoteQueryAgent') ?? source.useRemoteQueryAgent;
}
