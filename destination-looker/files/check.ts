// `check` of a store: a small file is written and deleted.
import type { CheckContext, Steps } from '../check/step.ts';
import type { FilesSettings } from '../spec.ts';
import { openStorage, trying } from './open.ts';

export async function filesSteps({ clock, signal }: CheckContext, settings: FilesSettings): Promise<Steps> {
  const storage = await openStorage(settings);
  const path = [settings.prefix.replace(/\/+$/, ''), 'ledgerpipe-check.txt'].filter(Boolean).join('/');
  const probe = async (): Promise<string> => {
    const purpose = `write to "${storage.address}/${settings.prefix}"`;
    await trying({ settings, clock, signal, purpose }, async () => {
      await storage.putText(path, 'Written by check, and deleted at once.\n');
      await storage.remove(path);
    });
    return `a file written to "${storage.address}/${settings.prefix}" and deleted; Looker sees files only through a warehouse that reads them`;
  };
  return { steps: [probe], close: () => storage.close() };
}
