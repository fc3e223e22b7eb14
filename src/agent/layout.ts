import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../lib/files.ts';

/** The official agent's, where nobody names another. */
export const ROOT_DIR = '/opt/codedeploy-agent/deployment-root';

/** Where the official agent keeps things under its root directory. */
export interface Layout {
  root: string;
  instructions: string;
  ongoing: string;
  deploymentsLog: string;
  group(groupId: string): string;
  deployment(groupId: string, deploymentId: string): DeploymentLayout;
  installFile(groupId: string): string;
  cleanupFile(groupId: string): string;
}

export interface DeploymentLayout {
  directory: string;
  bundle: string;
  archive: string;
  scriptsLog: string;
}

/** The agent's own, beside the groups' directories. */
const OWN = {
  instructions: 'deployment-instructions',
  ongoing: 'ongoing-deployment',
  logs: 'deployment-logs',
};

/** One path segment that came from a server: it must not lead anywhere else. @throws Error */
export function segment(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || Object.values(OWN).includes(name))
    throw new Error(`Not a usable identifier: ${name}`);
  return name;
}

export function makeLayout(root: string): Layout {
  const instructions = join(root, OWN.instructions);
  return {
    root,
    instructions,
    ongoing: join(root, OWN.ongoing),
    deploymentsLog: join(root, OWN.logs, 'codedeploy-agent-deployments.log'),
    group: (groupId) => join(root, segment(groupId)),
    deployment: (groupId, deploymentId) =>
      deploymentLayout(join(root, segment(groupId), segment(deploymentId))),
    installFile: (groupId) => join(instructions, `${segment(groupId)}-install.json`),
    cleanupFile: (groupId) => join(instructions, `${segment(groupId)}-cleanup`),
  };
}

export function deploymentLayout(directory: string): DeploymentLayout {
  return {
    directory,
    bundle: join(directory, 'bundle.tar'),
    archive: join(directory, 'deployment-archive'),
    scriptsLog: join(directory, 'logs', 'scripts.log'),
  };
}

export type Pointer = 'last_successful_install' | 'most_recent_install';

/** The deployment directory that a group's pointer names, or undefined. */
export async function readPointer(
  layout: Layout,
  groupId: string,
  pointer: Pointer,
): Promise<string | undefined> {
  try {
    return (await readFile(pointerFile(layout, groupId, pointer), 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writePointer(
  layout: Layout,
  groupId: string,
  pointer: Pointer,
  directory: string,
): Promise<void> {
  await mkdir(layout.instructions, { recursive: true });
  // Half of it would be no pointer, and what the last revision has to stop would go on.
  writeAtomically(pointerFile(layout, groupId, pointer), directory, 0o644);
}

const pointerFile = (layout: Layout, groupId: string, pointer: Pointer) =>
  join(layout.instructions, `${segment(groupId)}_${pointer}`);

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
