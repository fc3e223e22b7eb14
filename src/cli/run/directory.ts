import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, type Located, NotReadable, readLocated } from '../../lib/located.ts';

/** What a directory has that a pipeline can be made of. */
export interface Runnable {
  directory: string;
  /** Relative to the directory. */
  buildspec: string;
  /** Does the build make an artifact? */
  makesArtifact: boolean;
  /** Has it an AppSpec for hosts? */
  deploys: boolean;
  /** An AppSpec that is there and cannot be deployed here. */
  left?: string;
}

/** @returns why it cannot be run, as a text */
export function runnableIn(directory: string, buildspec = 'buildspec.yml'): Runnable | string {
  const file = join(directory, buildspec);
  if (!existsSync(file)) return `there is no ${buildspec} in ${directory}`;
  const build = parsedFile(file);
  if (typeof build === 'string') return build;
  const artifacts = entryOf(build, 'artifacts')?.value;
  const makesArtifact = artifacts !== undefined && entryOf(artifacts, 'files') !== undefined;
  return { directory, buildspec, makesArtifact, ...deploymentOf(directory) };
}

function deploymentOf(directory: string): Pick<Runnable, 'deploys' | 'left'> {
  const name = ['appspec.yml', 'appspec.yaml'].find((file) => existsSync(join(directory, file)));
  if (name === undefined) return { deploys: false };
  const appspec = parsedFile(join(directory, name));
  if (typeof appspec === 'string') return { deploys: false, left: appspec };
  const os = entryOf(appspec, 'os')?.value;
  if (os?.kind === 'scalar' && os.text === 'linux') return { deploys: true };
  return { deploys: false, left: `${name} is not one for Linux hosts, so it is not deployed` };
}

function parsedFile(file: string): Located | string {
  try {
    return readLocated(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return `${file}:${error.at.line}:${error.at.column}: ${error.message}`;
  }
}

/**
 * The files of a directory as git sees them: tracked and untracked ones, changed or not, but none that is ignored.
 * @returns their names, each with a NUL behind it; undefined outside a repository
 */
export function filesOf(directory: string): string | undefined {
  const listed = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: directory, encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 },
  );
  if (listed.error) throw listed.error;
  return listed.status === 0 ? listed.stdout : undefined;
}
