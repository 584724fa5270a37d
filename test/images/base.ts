// The base image: the one that is there, a stand-in made by BASE_IMAGE_SCRIPT, or the public one.
import { buildah, command, hasImage, shown } from './buildah.ts';

export const baseImage = 'docker.io/library/node:24-slim';

/** BASE_IMAGE_SCRIPT names a program that makes `baseImage` locally, where no image registry can be reached. */
export async function openBase(script = process.env.BASE_IMAGE_SCRIPT): Promise<void> {
  if (script) await shown(script);
  await command('buildah', ['--version']).catch(() => {
    throw new Error('Cannot build images: "buildah" is not installed, run "apt-get install buildah" first');
  });
  if (await hasImage(baseImage)) return;
  await buildah('pull', baseImage).catch((cause: unknown) => {
    throw new Error(
      `Cannot pull "${baseImage}": set BASE_IMAGE_SCRIPT to a program that makes a local stand-in of it`,
      { cause },
    );
  });
}
