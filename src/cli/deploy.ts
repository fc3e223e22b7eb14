import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ON_PREMISES_CONFIG, readOnPremisesConfig } from '../agent/config.ts';
import type { S3Options } from '../agent/download.ts';
import { hookEnvironment } from '../agent/hook-environment.ts';
import { makeLayout, ROOT_DIR } from '../agent/layout.ts';
import {
  AGENT_CONFIGURATION,
  type AgentConfiguration,
  readAgentConfiguration,
} from '../agent/local/agent-configuration.ts';
import {
  checkLocation,
  deployLocally,
  failureLines,
  localDeploymentId,
  localSpecification,
} from '../agent/local/deploy.ts';
import { behaviorOf, eventsOf, LocalError, revisionOf, typeOf } from '../agent/local/plan.ts';
import type { Revision } from '../agent/revision.ts';
import { systemWords } from '../agent/system-error.ts';
import { lockFile } from '../lib/data-dir-lock.ts';
import { makeDirectory } from '../lib/files.ts';
import { sendSignal } from '../lib/process-table.ts';
import { callerOf } from './call-aws.ts';
import { parsed } from './parsed.ts';

const USAGE = `Usage: slipway deploy --local [LOCATION] [options]
  Deploys a revision to this machine, without a server: its hooks run and its files are installed, as the host agent
  would. The options are those of the official codedeploy-local.
  LOCATION, -l, --bundle-location   a directory, a file, s3://BUCKET/KEY?versionId=…&etag=…, https://github.com/OWNER/NAME or
                                    https://api.github.com/repos/OWNER/NAME/zipball/COMMIT (default: this directory)
  -t, --type                        tgz, tar, zip or directory (default: directory)
  -b, --file-exists-behavior        DISALLOW, OVERWRITE or RETAIN (default: DISALLOW)
  -g, --deployment-group            the directory below the root that deployments of one kind share: what the last one
                                    installed goes, its ApplicationStop runs (default: default-local-deployment-group)
  -d, --deployment-group-name       DEPLOYMENT_GROUP_NAME of hooks (default: LocalFleet)
  -a, --application-name            APPLICATION_NAME of hooks (default: the location)
  -e, --events                      A,B,…: these in this order instead of all; DownloadBundle and Install come first
                                    where they are not named
  -c, --agent-configuration-file    the agent's configuration: root_dir, max_revisions, s3_endpoint_override,
                                    on_premises_config_file (default: ${AGENT_CONFIGURATION},
                                    where that is)
  -A, --appspec-filename            default: appspec.yml, or appspec.yaml
  --root-dir DIR                    where revisions are kept (default: root_dir, or ${ROOT_DIR})
  --prefix DIR                      every destination is placed below DIR; hooks get INSTANCE_PREFIX=DIR
Environment: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 and keys, for s3://; SLIPWAY_UPSTREAM_GITHUB, another API of GitHub.
Exit code: 0 it is deployed, 1 it is not, 2 wrong usage.
`;

const OPTIONS = {
  local: { type: 'boolean' },
  'bundle-location': { type: 'string', short: 'l' },
  type: { type: 'string', short: 't', default: 'directory' },
  'file-exists-behavior': { type: 'string', short: 'b', default: 'DISALLOW' },
  'deployment-group': { type: 'string', short: 'g', default: 'default-local-deployment-group' },
  'deployment-group-name': { type: 'string', short: 'd', default: 'LocalFleet' },
  'application-name': { type: 'string', short: 'a' },
  events: { type: 'string', short: 'e' },
  'agent-configuration-file': { type: 'string', short: 'c' },
  'appspec-filename': { type: 'string', short: 'A' },
  'root-dir': { type: 'string' },
  prefix: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = NonNullable<ReturnType<typeof parsed<{ options: typeof OPTIONS }>>>['values'];

/** `slipway deploy --local`. @returns 0 when it is deployed, 1 when it is not, 2 for wrong usage */
export async function deployCommand(argv: string[], environment = process.env): Promise<number> {
  const { values, positionals = [] } =
    parsed({ args: argv, options: OPTIONS, allowPositionals: true }) ?? {};
  if (values?.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const given = [...positionals, values?.['bundle-location']].filter(
    (place) => place !== undefined,
  );
  if (!values?.local || given.length > 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    return await deploy(values, given[0] ?? process.cwd(), environment);
  } catch (error) {
    process.stderr.write(`ERROR: ${(error as Error).message}\n`);
    return 1;
  }
}

async function deploy(
  values: Values,
  location: string,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const configuration = readAgentConfiguration(values['agent-configuration-file']);
  const events = eventsOf(values.events);
  const revision = withForge(
    revisionOf(location, typeOf(values.type), (path) => resolve(path)),
    environment,
  );
  const appSpecName = values['appspec-filename'];
  checkLocation(revision, appSpecName);
  const spec = localSpecification(
    {
      ...{ revision, events, appSpecName },
      fileExistsBehavior: behaviorOf(values['file-exists-behavior']),
      groupId: values['deployment-group'],
      groupName: values['deployment-group-name'],
      applicationName: values['application-name'] ?? location,
    },
    localDeploymentId(),
  );
  const s3 = s3Options(revision, configuration, environment);
  const root = resolve(values['root-dir'] ?? configuration.rootDir ?? ROOT_DIR);
  try {
    makeDirectory(root);
  } catch (error) {
    throw new LocalError(`${root} cannot be made, say --root-dir: ${systemWords(error)}`);
  }
  const release = lockFile(join(root, 'local.lock'), `Another local deployment uses ${root}.`);
  const layout = makeLayout(root);
  const { directory, archive, scriptsLog } = layout.deployment(spec.groupId, spec.deploymentId);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`Starting to execute deployment from within folder ${directory}`);
  const scripts = endedBySignals();
  try {
    const options = {
      ...{ layout, s3, maxRevisions: configuration.maxRevisions ?? 5 },
      env: hookEnvironment(environment, {}),
      prefix: values.prefix === undefined ? undefined : resolve(values.prefix),
      started: scripts.started,
      warn: (message: string) => process.stderr.write(`${message}\n`),
    };
    const told = (event: string) => {
      if (scripts.ended()) throw new LocalError('The deployment was ended by a signal.');
      say(event);
    };
    await deployLocally(options, spec, { events, told });
  } catch (error) {
    for (const line of failureLines(error, archive)) say(line);
    return 1;
  } finally {
    scripts.done();
    release();
    if (existsSync(scriptsLog)) say(`See the deployment log at ${scriptsLog} for more details`);
  }
  say('AppSpec file valid. Local deployment successful');
  return 0;
}

function withForge(revision: Revision, { SLIPWAY_UPSTREAM_GITHUB: endpoint }: NodeJS.ProcessEnv) {
  return revision.from === 'GitHub' && endpoint ? { ...revision, endpoint } : revision;
}

const NO_KEYS =
  'We were unable to download content from the Amazon S3 bucket due to missing or invalid credentials';

/** Whose keys S3 is asked with: the host's own, or those of the environment. @throws LocalError where S3 is asked without any */
function s3Options(
  revision: Revision,
  { s3Endpoint, onPremisesConfigFile: file = ON_PREMISES_CONFIG }: AgentConfiguration,
  environment: NodeJS.ProcessEnv,
): S3Options {
  const none = {
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: '', secretAccessKey: '' }),
  };
  if (revision.from !== 'S3') return none;
  const named = s3Endpoint ?? environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  if (existsSync(file)) {
    const { region, credentials } = readOnPremisesConfig(file);
    return { region, credentials, ...(named && { endpoint: named }) };
  }
  const caller = callerOf(undefined, environment);
  if ('reason' in caller) throw new LocalError(`${NO_KEYS}: ${caller.reason}`);
  const { endpoint, region, ...keys } = caller;
  return { region, credentials: () => keys, endpoint: named ?? endpoint };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Scripts have process groups of their own: a signal to this process ends the one that runs. */
function endedBySignals() {
  let running: number | undefined;
  let ended = false;
  const end = (name: NodeJS.Signals) => {
    ended = true;
    if (running !== undefined) sendSignal(-running, name);
  };
  for (const name of SIGNALS) process.on(name, end);
  return {
    started: (pid: number) => {
      running = pid;
    },
    ended: () => ended,
    done() {
      for (const name of SIGNALS) process.off(name, end);
    },
  };
}
