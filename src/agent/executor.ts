import { cp, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readAppSpecForInstall } from './appspec.ts';
import { downloadBundle, type S3Options } from './download.ts';
import { downloadArchive } from './download-github.ts';
import { type HookOptions, isHook, isNoopHook, runHook } from './hooks.ts';
import { install } from './install/install.ts';
import { makePlacement } from './install/placement.ts';
import { type DeploymentLayout, readPointer, writePointer } from './layout.ts';
import type { Revision } from './revision.ts';
import type { Specification } from './specification.ts';
import { unpackBundle } from './unpack.ts';

export interface ExecutorOptions extends HookOptions {
  s3: S3Options;
  /** Revisions of a group that stay on the host. */
  maxRevisions: number;
  warn(message: string): void;
}

/** Has the command nothing to do on this host? DownloadBundle and Install always have. */
export async function isNoop(
  options: ExecutorOptions,
  name: string,
  spec: Specification,
): Promise<boolean> {
  return isHook(name) && isNoopHook(options.layout, name, spec);
}

/** Does what one host command asks for. @throws ScriptError, Error: the event has failed */
export async function executeCommand(
  options: ExecutorOptions,
  name: string,
  spec: Specification,
): Promise<void> {
  const { layout } = options;
  await mkdir(layout.deployment(spec.groupId, spec.deploymentId).directory, { recursive: true });
  if (name === 'DownloadBundle') return download(options, spec);
  if (name === 'Install') return installRevision(options, spec);
  if (isHook(name)) return runHook(options, name, spec);
  throw new Error(`Unsupported command type: ${name}.`);
}

async function download(options: ExecutorOptions, spec: Specification): Promise<void> {
  const { layout } = options;
  const { directory, bundle, archive } = layout.deployment(spec.groupId, spec.deploymentId);
  await pruneRevisions(options, spec);
  await bring(options, spec.revision, { bundle, archive });
  await writePointer(layout, spec.groupId, 'most_recent_install', directory);
}

/** Brings a revision here, and unpacks it. */
async function bring(
  { s3 }: ExecutorOptions,
  revision: Revision,
  { bundle, archive }: Pick<DeploymentLayout, 'bundle' | 'archive'>,
): Promise<void> {
  const { from, bundleType } = revision;
  if (bundleType === 'directory') return copyDirectory(revision.location, archive);
  if (from === 'S3') await downloadBundle(s3, revision, bundle);
  else if (from === 'GitHub') await downloadArchive(s3, revision, bundle);
  else await symlink(revision.location, bundle);
  // GitHub's tarballs are gzipped, which tar sees for itself.
  await unpackBundle(bundle, bundleType, archive);
}

/** A directory is deployed as it is: links stay links, and modes and times are kept. */
async function copyDirectory(from: string, archive: string): Promise<void> {
  await rm(archive, { recursive: true, force: true });
  await cp(from, archive, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Makes room for this revision: the oldest go, but never the last one that was installed successfully. */
async function pruneRevisions(
  { layout, maxRevisions }: ExecutorOptions,
  spec: Specification,
): Promise<void> {
  const group = layout.group(spec.groupId);
  const current = layout.deployment(spec.groupId, spec.deploymentId).directory;
  const others = (await readdir(group))
    .map((name) => join(group, name))
    .filter((path) => path !== current);
  const excess = others.length - maxRevisions + 1;
  if (excess <= 0) return;
  const lastSuccessful = await readPointer(layout, spec.groupId, 'last_successful_install');
  const removable = others.filter((path) => basename(path) !== basename(lastSuccessful ?? ''));
  const aged = await Promise.all(
    removable.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })),
  );
  aged.sort((a, b) => a.at - b.at);
  for (const { path } of aged.slice(0, excess)) await rm(path, { recursive: true, force: true });
}

async function installRevision(options: ExecutorOptions, spec: Specification): Promise<void> {
  const { layout, prefix, warn } = options;
  const { directory, archive } = layout.deployment(spec.groupId, spec.deploymentId);
  const appSpec = await readAppSpecForInstall(archive, spec.appSpecPath);
  checkEvents(spec, [...appSpec.hooks.keys()]);
  await install({
    layout,
    placement: await makePlacement(prefix),
    groupId: spec.groupId,
    archive,
    appSpec,
    fileExistsBehavior: spec.fileExistsBehavior,
    warn,
  });
  // Successful means installed, whatever becomes of the deployment (CD-LCS-08).
  await writePointer(layout, spec.groupId, 'last_successful_install', directory);
}

/** A server may say which events there are. */
function checkEvents({ lifecycleEvents, appSpecPath }: Specification, hooks: string[]): void {
  if (!lifecycleEvents?.length) return;
  const unknown = hooks.filter((hook) => !lifecycleEvents.includes(hook));
  if (unknown.length > 0) {
    throw new Error(
      `${basename(appSpecPath)} file contains unknown lifecycle events: ${JSON.stringify(unknown)}`,
    );
  }
}
