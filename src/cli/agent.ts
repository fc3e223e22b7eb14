import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { runAgent } from '../agent/agent.ts';
import { makeCommandsClient } from '../agent/commands-client.ts';
import { ConfigError, type OnPremisesConfig, readOnPremisesConfig } from '../agent/config.ts';
import { makeLayout } from '../agent/layout.ts';
import { machineEnvironment } from '../lib/machine-environment.ts';

const USAGE = `Usage: slipway agent --config FILE [--root-dir DIR] [--prefix DIR] [--max-revisions N]
  --config FILE      the on-premises configuration file of the CodeDeploy agent (region and keys)
  --root-dir DIR     where revisions, instructions and logs are kept
                     (default: /opt/codedeploy-agent/deployment-root)
  --prefix DIR       every destination of an AppSpec is placed below DIR, and hook scripts
                     get INSTANCE_PREFIX=DIR, so that several instances share a machine
  --max-revisions N  revisions of a deployment group that stay on the host (default: 5)
Environment: AWS_ENDPOINT_URL (the server), AWS_ENDPOINT_URL_S3, AWS_CA_BUNDLE.
`;

const OPTIONS = {
  config: { type: 'string', default: '/etc/codedeploy-agent/conf/codedeploy.onpremises.yml' },
  'root-dir': { type: 'string', default: '/opt/codedeploy-agent/deployment-root' },
  prefix: { type: 'string' },
  'max-revisions': { type: 'string', default: '5' },
  help: { type: 'boolean', default: false },
} as const;

/** Variables that are the agent's own business and not for hook scripts, as with the official agent. */
const PRIVATE = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_FILE',
];

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** `slipway agent`: runs until SIGTERM or SIGINT. @returns the exit code: 0 stopped, 1 cannot run, 2 wrong usage */
export async function agentCommand(argv: string[]): Promise<number> {
  let values: Values;
  let config: OnPremisesConfig;
  try {
    ({ values } = parseArgs({ args: argv, options: OPTIONS }));
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    if (!/^[1-9]\d*$/.test(values['max-revisions']))
      throw new TypeError('--max-revisions takes a number from 1.');
    config = readOnPremisesConfig(values.config);
  } catch (error) {
    process.stderr.write(`slipway agent: ${(error as Error).message}\n`);
    if (error instanceof ConfigError) return 1;
    process.stderr.write(USAGE);
    return 2;
  }
  await run(values, config);
  return 0;
}

async function run(values: Values, config: OnPremisesConfig): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const { region, hostIdentifier, credentials } = config;
  const root = resolve(values['root-dir']);
  await mkdir(root, { recursive: true });
  const { env } = process;
  const ca = readCa(env.AWS_CA_BUNDLE);
  const endpoint = env.AWS_ENDPOINT_URL || undefined;
  const commands = endpoint ?? `https://codedeploy-commands.${region}.amazonaws.com`;
  info(`The agent of ${hostIdentifier} polls ${commands}.`);
  await runAgent({
    client: makeCommandsClient({
      endpoint: commands,
      region,
      credentials,
      ca,
      signal: stop.signal,
    }),
    hostIdentifier,
    signal: stop.signal,
    layout: makeLayout(root),
    env: Object.fromEntries(
      Object.entries(machineEnvironment(env)).filter(([name]) => !PRIVATE.includes(name)),
    ),
    prefix: values.prefix === undefined ? undefined : resolve(values.prefix),
    s3: { region, credentials, ca, endpoint: env.AWS_ENDPOINT_URL_S3 || endpoint },
    maxRevisions: Number(values['max-revisions']),
    info,
    warn: info,
  });
  process.off('SIGTERM', end);
  process.off('SIGINT', end);
}

/** The certificates of AWS_CA_BUNDLE besides those that Node trusts. */
function readCa(file: string | undefined): string | undefined {
  return file ? [readFileSync(file, 'utf8'), ...rootCertificates].join('\n') : undefined;
}

function info(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}
