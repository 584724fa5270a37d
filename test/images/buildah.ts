// Buildah as an operator calls it: images built and inspected, commands run in containers. Needs root.
import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Chroot isolation needs no container engine and shares the network, and so the sandbox on loopback. */
export const environment = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };

const mostOutput = 64 * 1024 * 1024;

/** Runs a program and gives what it printed; throws with the end of that when it fails. */
export function command(program: string, args: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const options = { cwd: root, env: environment, maxBuffer: mostOutput };
    execFile(program, [...args], options, (error: ExecFileException | null, stdout, stderr) => {
      if (!error) return done(stdout);
      const printed = `${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`.trim();
      failed(new Error(`${program} ${args.join(' ')}: ${printed || error.message}`));
    });
  });
}

export const buildah = (...args: readonly string[]): Promise<string> => command('buildah', args);

/** Runs a program that talks to the terminal; resolves when it succeeded. */
export async function shown(program: string): Promise<void> {
  const child = spawn(program, { cwd: root, env: environment, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with code ${code}`);
}

export const hasImage = (image: string): Promise<boolean> =>
  buildah('inspect', '--type', 'image', image).then(
    () => true,
    () => false,
  );

/** Several images install the same packages: npm of each finds here what another one has downloaded. */
const npmCache = join(root, 'node_modules/.cache/ledgerpipe/npm');

/** Builds an image from the root of the repository and gives its name; the base image is never pulled. */
export async function buildImage(folder: string, name: string): Promise<string> {
  const image = `localhost/ledgerpipe-test/${name}:dev`;
  await mkdir(npmCache, { recursive: true });
  const options = ['--pull-never', '--volume', `${npmCache}:/root/.npm`, '--tag', image];
  await buildah('bud', ...options, '--file', `${folder}/Dockerfile`, '.');
  return image;
}

export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

export async function configOf(image: string): Promise<ImageConfig> {
  const text = await buildah('inspect', '--type', 'image', image);
  return (JSON.parse(text) as { readonly OCIv1: { readonly config: ImageConfig } }).OCIv1.config;
}

export interface RunOptions {
  /** Folders of this machine by their place in the container. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

export interface Container {
  /** The command line that runs `script` by a shell in the container, as the image's own user. */
  line(script: string, options?: RunOptions): readonly [string, ...string[]];
  run(script: string, options?: RunOptions): Promise<string>;
  /** Where the files of the container lie on this machine. */
  files(): Promise<string>;
  remove(): Promise<void>;
}

export async function startContainer(image: string): Promise<Container> {
  const name = (await buildah('from', '--pull-never', image)).trim();
  const line: Container['line'] = (script, { volumes = {}, folder } = {}) => [
    'buildah',
    'run',
    ...(folder ? ['--workingdir', folder] : []),
    ...Object.entries(volumes).flatMap(([place, source]) => ['--volume', `${source}:${place}`]),
    ...[name, '--', 'sh', '-c', script],
  ];
  return {
    line,
    run: (script, options) => {
      const [program, ...args] = line(script, options);
      return command(program, args);
    },
    files: async () => (await buildah('mount', name)).trim(),
    remove: async () => {
      await buildah('rm', name);
    },
  };
}
