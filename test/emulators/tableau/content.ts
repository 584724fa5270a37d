// Downloading a data source: a .tdsx that holds its description and its stored file (tableau.md 5, 7.5).
import { readFile } from 'node:fs/promises';
import { demand } from './access.ts';
import { archive } from './archive.ts';
import type { Call, Result } from './call.ts';
import type { DataSource, World } from './model.ts';
import { sourceOf } from './sources.ts';
import { escaped } from './write-body.ts';

export function contentHandler({ switches }: World) {
  return async ({ site, session, query, parts: [id] }: Call): Promise<Result> => {
    const source = sourceOf(site, id);
    demand(session.user, 'ExportXml', { site, content: source });
    const path = `Data/${switches.contentFolder}/${source.contentUrl}.hyper`;
    const whole = query.get('includeExtract')?.toLowerCase() !== 'false';
    const raw = await source.lane(async () => {
      const { file } = source;
      const data = whole && file !== undefined ? { [path]: await readFile(file) } : {};
      return archive({ [`${source.contentUrl}.tds`]: Buffer.from(description(source, path)), ...data });
    });
    const headers = {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${source.contentUrl}.tdsx"`,
    };
    return { status: 200, raw, headers };
  };
}

/** The .tds: where the data is, and what people added on the server. */
function description({ name, calculatedFields }: DataSource, path: string): string {
  const columns = calculatedFields.map(
    (field) =>
      `  <column caption="${escaped(field)}" name="[${escaped(field)}]" role="measure" type="quantitative"><calculation class="tableau" formula="1"/></column>\n`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<datasource formatted-name="${escaped(name)}" inline="true" version="18.1">
  <connection class="federated">
    <named-connections>
      <named-connection name="hyper"><connection class="hyper" dbname="${escaped(path)}"/></named-connection>
    </named-connections>
  </connection>
${columns.join('')}</datasource>
`;
}
