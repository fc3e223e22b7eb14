import { access, chmod, constants, stat } from 'node:fs/promises';
import { ownValue } from '../lib/own.ts';
import type { AppSpec, Script } from '../lib/server-appspec/parse.ts';
import { readNamedAppSpec } from './appspec.ts';
import { CODES, ScriptError } from './diagnostics.ts';
import { deploymentLayout, exists, type Layout, readPointer } from './layout.ts';
import type { Revision } from './revision.ts';
import { runScript } from './run-script.ts';
import { makeScriptLog, type ScriptLog } from './script-log.ts';
import type { Specification } from './specification.ts';
import { insideArchive } from './unpack.ts';

type Source = 'current' | 'last_successful_install' | 'most_recent_install';

/** Which bundle an event's scripts come from (CD-LCS-08). */
const SOURCES: Record<string, Source> = {
  BeforeBlockTraffic: 'last_successful_install',
  AfterBlockTraffic: 'last_successful_install',
  ApplicationStop: 'last_successful_install',
  BeforeInstall: 'current',
  AfterInstall: 'current',
  ApplicationStart: 'current',
  BeforeAllowTraffic: 'current',
  AfterAllowTraffic: 'current',
  ValidateService: 'current',
};

/** When a blue/green deployment is rolled back nothing is installed. */
const ROLLBACK_SOURCES: Record<string, Source> = {
  ...SOURCES,
  BeforeBlockTraffic: 'most_recent_install',
  AfterBlockTraffic: 'most_recent_install',
  BeforeAllowTraffic: 'last_successful_install',
  AfterAllowTraffic: 'last_successful_install',
};

export const isHook = (name: string): boolean => Object.hasOwn(SOURCES, name);

export interface HookOptions {
  layout: Layout;
  /** The agent's environment, which scripts inherit. */
  env: NodeJS.ProcessEnv;
  prefix?: string;
  /** Told each line that scripts say. */
  said?(line: string): void;
  /** Told the process of each script. */
  started?(pid: number): void;
}

interface Hook {
  archive: string;
  appSpec: AppSpec;
}

/** The bundle and AppSpec of an event, or undefined when there is no bundle to take scripts from. */
async function findHook(
  layout: Layout,
  event: string,
  spec: Specification,
): Promise<Hook | undefined> {
  const rollback = spec.creator === 'codeDeployRollback' && spec.type === 'BLUE_GREEN';
  const source = ownValue(rollback ? ROLLBACK_SOURCES : SOURCES, event) ?? 'current';
  let { archive } = layout.deployment(spec.groupId, spec.deploymentId);
  if (source !== 'current' && !(await exists(archive))) {
    const directory = await readPointer(layout, spec.groupId, source);
    if (directory === undefined) return undefined;
    archive = deploymentLayout(directory).archive;
  }
  return { archive, appSpec: await readNamedAppSpec(archive, spec.appSpecPath) };
}

/** Has the event nothing to run? @throws Error when its AppSpec is missing or wrong */
export async function isNoopHook(
  layout: Layout,
  event: string,
  spec: Specification,
): Promise<boolean> {
  const hook = await findHook(layout, event, spec);
  return !hook?.appSpec.hooks.get(event)?.length;
}

/** Runs an event's scripts in their order; the first failure ends it. @throws ScriptError */
export async function runHook(
  options: HookOptions,
  event: string,
  spec: Specification,
): Promise<void> {
  const { layout } = options;
  const hook = await findHook(layout, event, spec);
  const scripts = hook?.appSpec.hooks.get(event) ?? [];
  if (!hook || scripts.length === 0) return;
  const log = makeScriptLog({
    scriptsLog: layout.deployment(spec.groupId, spec.deploymentId).scriptsLog,
    deploymentsLog: layout.deploymentsLog,
    deploymentId: spec.deploymentId,
    said: options.said,
  });
  log.line(`LifecycleEvent - ${event}`);
  const env = hookEnvironment(options, event, spec);
  for (const script of scripts) {
    const path = await executable(script, hook.archive, log);
    await runScript(script, path, env, log, options.started);
  }
}

/** The path of a script that exists and can be executed. @throws ScriptError */
async function executable(script: Script, archive: string, log: ScriptLog): Promise<string> {
  const fail = (code: number, message: string) =>
    new ScriptError(code, script.location, log.tail(), message);
  const path = await insideArchive(archive, script.location).catch((error) => {
    throw fail(CODES.scriptMissing, `Script at specified location: ${error.message}`);
  });
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw fail(CODES.scriptMissing, `Script does not exist at specified location: ${path}`);
  const isExecutable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isExecutable) {
    await chmod(path, found.mode | 0o111).catch(() => {
      throw fail(
        CODES.scriptNotExecutable,
        `Unable to set script at specified location: ${script.location} as executable`,
      );
    });
  }
  return path;
}

/** CD-SPC-07, and INSTANCE_PREFIX when destinations are below a prefix. */
function hookEnvironment(
  { env, prefix }: HookOptions,
  event: string,
  spec: Specification,
): NodeJS.ProcessEnv {
  const { revision } = spec;
  return {
    ...env,
    LIFECYCLE_EVENT: event,
    DEPLOYMENT_ID: spec.deploymentId,
    APPLICATION_NAME: spec.applicationName,
    DEPLOYMENT_GROUP_NAME: spec.groupName,
    DEPLOYMENT_GROUP_ID: spec.groupId,
    ...bundleEnvironment(revision),
    ...(prefix !== undefined && { INSTANCE_PREFIX: prefix }),
  };
}

/** What the bundle is, as scripts are told. */
function bundleEnvironment(revision: Revision): NodeJS.ProcessEnv {
  if (revision.from === 'GitHub') return { BUNDLE_COMMIT: revision.commitId };
  if (revision.from === 'Local') return {};
  return {
    BUNDLE_BUCKET: revision.bucket,
    BUNDLE_KEY: revision.key,
    BUNDLE_VERSION: revision.version,
    BUNDLE_ETAG: revision.etag,
  };
}
