import { randomInt } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AppSpec } from '../../lib/server-appspec/parse.ts';
import { readNamedAppSpec } from '../appspec.ts';
import { ScriptError } from '../diagnostics.ts';
import { type ExecutorOptions, executeCommand } from '../executor.ts';
import { runHook } from '../hooks.ts';
import { exists, segment } from '../layout.ts';
import type { Revision } from '../revision.ts';
import type { FileExistsBehavior, Specification } from '../specification.ts';
import { insideArchive } from '../unpack.ts';
import { type Events, LocalError } from './plan.ts';

/** What is deployed to this machine, without a server. */
export interface LocalDeployment {
  revision: Revision;
  events: Events;
  fileExistsBehavior: FileExistsBehavior;
  /** The directory below the root, of which `last successful` is. */
  groupId: string;
  groupName: string;
  applicationName: string;
  appSpecName?: string | undefined;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** As codedeploy-local calls them: `d-98761234A-local`. */
export function localDeploymentId(): string {
  const letters = Array.from({ length: 9 }, () => LETTERS[randomInt(LETTERS.length)]);
  return `d-${letters.join('')}-local`;
}

const APP_SPECS = ['appspec.yml', 'appspec.yaml'];

/** @throws LocalError where the location is not what it is said to be, or is a directory without an AppSpec */
export function checkLocation(revision: Revision, appSpecName: string | undefined): void {
  if (revision.from !== 'Local') return;
  const { location, bundleType } = revision;
  const found = statSync(location, { throwIfNoEntry: false });
  if (!found)
    throw new LocalError(
      `location ${location} is specified as a file or directory which does not exist`,
    );
  if (bundleType === 'directory' && !found.isDirectory())
    throw new LocalError(`location ${location} is specified with type directory but it is a file`);
  if (bundleType !== 'directory' && found.isDirectory())
    throw new LocalError(
      `location ${location} is specified as a compressed local file but it is a directory`,
    );
  if (bundleType !== 'directory') return;
  const names = appSpecName === undefined ? APP_SPECS : [appSpecName];
  const places = names.map((name) => join(location, name));
  if (places.some((place) => existsSync(place))) return;
  throw new LocalError(
    `Expecting appspec file at location ${places.join(' or ')} but it is not found there. Please either run the CLI from within a directory containing the ${names.join(' or ')} file or specify a bundle location containing an ${names.join(' or ')} file in its root directory`,
  );
}

/** What a server would have told the agent. @throws Error for a group that is no name of a directory */
export function localSpecification(given: LocalDeployment, deploymentId: string): Specification {
  const { revision, events, fileExistsBehavior, groupName, applicationName } = given;
  return {
    ...{ deploymentId, groupId: segment(given.groupId), groupName, applicationName },
    ...{ creator: 'user', type: 'IN_PLACE', fileExistsBehavior, revision },
    appSpecPath: given.appSpecName ?? 'appspec.yml',
    lifecycleEvents: events.possible,
  };
}

/** Executes the events one after another; `told` hears of each as it begins. @throws Error, ScriptError: one has failed */
export async function deployLocally(
  options: ExecutorOptions,
  spec: Specification,
  { events, told }: { events: Events; told(event: string): void },
): Promise<void> {
  let its = spec;
  for (const event of events.executed) {
    told(event);
    if (events.custom.includes(event)) await runHook(options, event, its);
    else await executeCommand(options, event, its);
    if (event === 'DownloadBundle') its = await whatCame(options, spec, events);
  }
}

/** The AppSpec of the bundle, which may end in `.yaml`, and has the hooks that were asked for. @throws Error */
async function whatCame(
  { layout }: ExecutorOptions,
  spec: Specification,
  { custom }: Events,
): Promise<Specification> {
  const { archive } = layout.deployment(spec.groupId, spec.deploymentId);
  const names = [spec.appSpecPath, ...APP_SPECS.filter((name) => name !== spec.appSpecPath)];
  for (const name of names) {
    if (!(await exists(await insideArchive(archive, name)))) continue;
    if (custom.length > 0) checkCustom(await readNamedAppSpec(archive, name), name, custom);
    return { ...spec, appSpecPath: name };
  }
  // The event that needs it says what is missing.
  return spec;
}

function checkCustom({ hooks }: AppSpec, name: string, custom: string[]): void {
  const missing = custom.filter((event) => !hooks.has(event));
  if (missing.length === 0) return;
  throw new LocalError(
    `You specified a lifecycle event which is not a default one and doesn't exist in your ${name} file: ${missing.join(',')}`,
  );
}

/** What codedeploy-local says of a failure, in lines. */
export function failureLines(error: unknown, archive: string): string[] {
  if (!(error instanceof ScriptError)) return [`ERROR: ${(error as Error).message}`];
  const { scriptName, message, log } = error;
  return [
    ...(log === '' ? [] : [log.trimEnd()]),
    `ERROR: ${message}`,
    `Your local deployment failed while trying to execute your script at ${join(archive, scriptName)}`,
  ];
}
