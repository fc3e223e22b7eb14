import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runAgent } from '../agent/agent.ts';
import { makeAgentLog } from '../agent/agent-log.ts';
import { makeCommandsClient } from '../agent/commands-client.ts';
import {
  ON_PREMISES_CONFIG as CONFIG,
  ConfigError,
  type OnPremisesConfig,
  readOnPremisesConfig,
} from '../agent/config.ts';
import { type Connection, readConnection } from '../agent/connection.ts';
import { makeDeploymentLogs } from '../agent/deployment-log.ts';
import { hookEnvironment } from '../agent/hook-environment.ts';
import { readInstanceConfig } from '../agent/instance-metadata.ts';
import { makeLayout, ROOT_DIR } from '../agent/layout.ts';
import { systemWords } from '../agent/system-error.ts';
import { makeServerTrust } from '../agent/trust.ts';
import { lockFile } from '../lib/data-dir-lock.ts';
import { makeDirectory } from '../lib/files.ts';
import { trustBundle } from './trusted-bundle.ts';

const LOG_DIR = '/var/log/aws/codedeploy-agent';

const USAGE = `Usage: slipway agent [--config FILE] [--root-dir DIR] [--log-dir DIR] [--prefix DIR] [--max-revisions N]
                     [--register NAME [--tag KEY=VALUE]… [--data DIR]]
  --register NAME    registers this machine as the on-premises instance NAME before it begins: an IAM user,
                     its key in the --config file, and tags; as whoever calls is, or as root of the server on DIR.
                     A machine that is registered under the name already stays so
  --config FILE      the on-premises configuration file of the CodeDeploy agent: region and keys
                     (default: ${CONFIG};
                     on an EC2 instance without that file, its metadata and its profile's role)
  --root-dir DIR     where revisions, instructions and the logs of scripts are kept
                     (default: ${ROOT_DIR})
  --log-dir DIR      where the agent's own log is, codedeploy-agent.log
                     (default: ${LOG_DIR}, or the --root-dir that is given)
  --prefix DIR       every destination of an AppSpec is placed below DIR, and hook scripts
                     get INSTANCE_PREFIX=DIR, so that several instances share a machine
  --max-revisions N  revisions of a deployment group that stay on the host (default: 5)
  --ca FILE          CA certificates (PEM) that the server's certificate and its signed
                     deployment specifications have to be of (default: AWS_CA_BUNDLE where
                     it holds a Slipway server's CA, or ca_bundle in the configuration
                     file; else the CA that the server names at the first contact, which is
                     kept in trusted-ca.json in --root-dir: remove that to trust a new one)
  --allow-plain-http the server may be another machine, reached over plain HTTP
Environment: AWS_ENDPOINT_URL (the server), AWS_ENDPOINT_URL_S3, AWS_CA_BUNDLE,
AWS_EC2_METADATA_SERVICE_ENDPOINT (of an EC2 instance).
`;

const OPTIONS = {
  config: { type: 'string' },
  'root-dir': { type: 'string' },
  'log-dir': { type: 'string' },
  prefix: { type: 'string' },
  register: { type: 'string' },
  tag: { type: 'string', multiple: true },
  data: { type: 'string' },
  'max-revisions': { type: 'string', default: '5' },
  ca: { type: 'string' },
  'allow-plain-http': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** `slipway agent`: runs until SIGTERM or SIGINT. @returns the exit code: 0 stopped, 1 cannot run, 2 wrong usage */
export async function agentCommand(argv: string[]): Promise<number> {
  let values: Values;
  let config: OnPremisesConfig;
  let connection: Connection;
  try {
    ({ values } = parseArgs({ args: argv, options: OPTIONS }));
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    if (!/^[1-9]\d*$/.test(values['max-revisions']))
      throw new TypeError('--max-revisions takes a number from 1.');
    const registered = await register(values, process.env);
    config = await readConfig(values.config);
    connection = readConnection(values, config, { ...process.env, ...registered });
  } catch (error) {
    process.stderr.write(`slipway agent: ${(error as Error).message}\n`);
    if (error instanceof ConfigError) return 1;
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    await run(values, config, connection);
    return 0;
  } catch (error) {
    process.stderr.write(`slipway agent: ${(error as Error).message}\n`);
    return 1;
  }
}

/** @returns where the server is, for an agent whose environment does not tell. @throws TypeError of wrong usage; ConfigError */
async function register(
  { register: name, tag: given = [], data, config: file = CONFIG }: Values,
  environment: NodeJS.ProcessEnv,
): Promise<{ AWS_ENDPOINT_URL?: string }> {
  if (name === undefined) {
    if (given.length > 0 || data !== undefined)
      throw new TypeError('--tag and --data go with --register.');
    return {};
  }
  // An instance, which registers nothing, has neither.
  const { readTag, registerHost } = await import('./agent/register.ts');
  const { callerOf } = await import('./call-aws.ts');
  const tags = given.map(readTag);
  const caller = callerOf(data, environment);
  if ('reason' in caller) throw new ConfigError(caller.reason);
  trustBundle(environment);
  try {
    const outcome = await registerHost(caller, { name, tags, file });
    process.stderr.write(
      `${name} ${outcome === 'known' ? 'is registered already' : 'is registered'}: ${file}\n`,
    );
  } catch (error) {
    throw new ConfigError(`${name} cannot be registered: ${(error as Error).message}`);
  }
  return { AWS_ENDPOINT_URL: caller.endpoint };
}

/** As with the official agent, a host without an on-premises file is an EC2 instance. */
async function readConfig(file: string | undefined): Promise<OnPremisesConfig> {
  if (file !== undefined || existsSync(CONFIG)) return readOnPremisesConfig(file ?? CONFIG);
  try {
    return await readInstanceConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`There is no ${CONFIG}, and ${error.message}`);
  }
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

async function run(
  values: Values,
  config: OnPremisesConfig,
  connection: Connection,
): Promise<void> {
  const root = resolve(values['root-dir'] ?? ROOT_DIR);
  try {
    makeDirectory(root);
  } catch (error) {
    throw new Error(`--root-dir ${root} cannot be made: ${systemWords(error)}`);
  }
  const release = lockFile(
    join(root, 'agent.lock'),
    `Another agent uses ${root}: it has to be ended first.`,
  );
  const logs = values['log-dir'] ?? values['root-dir'] ?? LOG_DIR;
  const { info, warn } = makeAgentLog(resolve(logs), (line) => process.stderr.write(line));
  // A terminal that is gone does not end the agent in the middle of a command.
  process.stderr.on('error', () => {});
  const { region, hostIdentifier, credentials } = config;
  const { env } = process;
  const { endpoint, s3Endpoint, logsEndpoint, tlsCa: ca } = connection;
  const pinFile = join(root, 'trusted-ca.json');
  const { registration } = config;
  await untilStopped(info, async (signal) => {
    info(`The agent of ${hostIdentifier} polls ${endpoint}.`);
    if (endpoint.endsWith('.amazonaws.com'))
      info('That is AWS itself: AWS_ENDPOINT_URL has to name the server if it is another.');
    await runAgent({
      client: makeCommandsClient({ endpoint, region, credentials, ca, signal, warn }),
      trust: makeServerTrust({ ...connection, pinFile, registration, info }),
      hostIdentifier,
      signal,
      layout: makeLayout(root),
      env: hookEnvironment(env, {
        AWS_REGION: config.region,
        AWS_HOST_IDENTIFIER: hostIdentifier,
      }),
      prefix: values.prefix === undefined ? undefined : resolve(values.prefix),
      s3: { region, credentials, ca, endpoint: s3Endpoint },
      logs: makeDeploymentLogs({
        endpoint: logsEndpoint,
        region,
        credentials,
        ca,
        hostIdentifier,
        warn,
      }),
      maxRevisions: Number(values['max-revisions']),
      ...{ info, warn },
    });
    info('The agent has ended.');
  });
  release();
}

/**
 * Runs `work` until it ends of itself or by a signal, which it may take its time over: a signal to the process group
 * comes twice, from the sender and from the launcher, and somebody in a hurry sends it again.
 */
async function untilStopped(
  info: (message: string) => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const end = (name: NodeJS.Signals) => {
    if (!stop.signal.aborted)
      info(`${name}: a command in progress is finished, then the agent ends.`);
    stop.abort();
  };
  for (const name of STOP_SIGNALS) process.on(name, end);
  try {
    await work(stop.signal);
  } finally {
    for (const name of STOP_SIGNALS) process.off(name, end);
  }
}
