// Power BI in the demo: the push model asked in DAX, then the same books in a mirror of Fabric, both beside the books.
import { modelName, type PowerBiSandbox } from '../sandbox/powerbi.ts';
import { type Comparison, compareFigures, countTable, landedIn } from './compare.ts';
import { daxCounts, daxFigures, daxModel } from './powerbi-dax.ts';
import { measureBooks, measureFigures } from './powerbi-measures.ts';
import { syncMirror, withMirrorEngine } from './powerbi-mirror.ts';
import type { DemoSource, RunningSource } from './sources.ts';

type Source = DemoSource & RunningSource;

/** Requests that add rows: what Power BI counts. */
export const rowRequests = ({ requests }: Pick<PowerBiSandbox, 'requests'>): number =>
  requests.filter(({ method, url }) => method === 'POST' && url.pathname.endsWith('/rows')).length;

export async function proofOfPowerBi(
  powerbi: PowerBiSandbox,
  source: Source,
): Promise<Comparison & { readonly tables: string }> {
  const model = daxModel(powerbi, modelName);
  const { organisations } = source;
  const pushed = compareFigures(source.expected(), await daxFigures(model, source.from, source.keys), {
    destination: 'DAX',
    organisations,
  });
  const measured = compareFigures(
    new Map([...source.books].flatMap(([id, books]) => [...measureBooks(books, id, source.from)])),
    await measureFigures(model, source.from),
    { destination: 'measures', organisations, shown: /./ },
  );
  const mirrored = await proofOfMirror(powerbi, source);
  return {
    tables: countTable(await daxCounts(model)),
    text: [
      pushed.text,
      `\nThe model's own measures, in the base currency:\n${measured.text}`,
      `\nThe same books by open mirroring, ${mirrored.files} files laid down:\n${mirrored.text}`,
    ].join('\n'),
    agrees: pushed.agrees && measured.agrees && mirrored.agrees,
    compared: pushed.compared + measured.compared + mirrored.compared,
  };
}

async function proofOfMirror(
  powerbi: PowerBiSandbox,
  source: Source,
): Promise<Comparison & { readonly files: number }> {
  const { files, failed } = await syncMirror(powerbi, source);
  if (failed !== undefined) return { files, text: failed, agrees: false, compared: 0 };
  const { text, figures } = await withMirrorEngine(powerbi, (engine) => landedIn(engine, source));
  const compared = compareFigures(source.expected(), figures, {
    destination: 'the mirror',
    organisations: source.organisations,
  });
  return { ...compared, files, text: `${text}\n${compared.text}` };
}
