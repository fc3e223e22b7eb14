import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig, UP_USAGE } from './config.ts';
import { bearableBuilds } from './executors/capacity.ts';
import type { Executors } from './executors/several.ts';
import { accountsOf } from './lib/accounts.ts';
import { writeAtomically } from './lib/files.ts';
import { StartError, startSentence, UsageError } from './lib/start-error.ts';
import { type Listening, listen } from './listen.ts';

/** How long a stop waits for requests and reconcilers that are under way. */
const DRAIN_MS = 10_000;

/** Tells people and programs where the server is and with what key it is used. */
async function announce(config: Config, { endpoint, server }: Listening): Promise<void> {
  const { region } = config;
  const { accountId, accessKeyId, secretAccessKey } = server.rootKey;
  const ready = JSON.stringify({
    endpoint,
    region,
    accountId,
    accessKeyId,
    secretAccessKey,
    pid: process.pid,
  });
  writeAtomically(join(config.dataDir, 'server.json'), ready, 0o600);
  if (config.readyFile) writeAtomically(config.readyFile, ready, 0o600);
  const most = config.builds ?? bearableBuilds();
  const ssh = server.platform.ssh();
  const builds = await placeOfBuilds(server.platform.executors);
  process.stdout.write(
    `Slipway serves AWS's APIs at ${endpoint} (account ${accountId}, ${region})\n` +
      `Data in ${config.dataDir}. For the aws command: eval "$(bin/slipway env --data ${config.dataDir})"\n` +
      `${ssh ? `Git over SSH at port ${ssh.port}, host key ${ssh.fingerprint}\n` : ''}` +
      `${config.auth === 'strict' ? 'Strict IAM' : 'Relaxed: any signature is taken'}; ${builds}.\n` +
      `At most ${most} ${most === 1 ? 'build' : 'builds'} at once (--builds); more wait in QUEUED.\n` +
      `${furtherAccounts(config.dataDir, accountId)}Ready.\n`,
  );
}

/** Whoever starts a server for another account than before must not take what the first one has for lost. */
function furtherAccounts(dataDir: string, own: string): string {
  const others = accountsOf(dataDir).filter(({ accountId }) => accountId !== own);
  if (others.length === 0) return '';
  const shown = others.slice(0, 5).map(({ accountId }) => accountId);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  return `Further accounts here: ${shown.join(', ')}${more}. Each has its key: bin/slipway env --data ${dataDir} --account NUMBER\n`;
}

async function placeOfBuilds({ all: [first] }: Executors): Promise<string> {
  if (first?.kind === 'docker') return 'builds in Docker';
  const isolation = await first?.isolation();
  return `builds as processes ${isolation?.kind === 'bubblewrap' ? 'in bubblewrap' : 'WITHOUT A SANDBOX'}`;
}

/** @returns what stops the server */
async function start(config: Config): Promise<() => Promise<void>> {
  const listening = await listen(config);
  await announce(config, listening);
  return listening.close;
}

async function main(argv: string[]): Promise<void> {
  if (argv[0] === 'up') argv = argv.slice(1);
  if (argv.includes('--help')) {
    process.stdout.write(`${UP_USAGE}\n`);
    return;
  }
  const config = readConfig(argv);
  if (config.ephemeral) config.dataDir = mkdtempSync(join(tmpdir(), 'slipway-'));
  const close = await start(config).catch((error) => {
    if (config.ephemeral) rmSync(config.dataDir, { recursive: true, force: true });
    const sentence = startSentence(error, config.dataDir);
    throw sentence === undefined ? error : new StartError(sentence);
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    close().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`slipway: ${error.stack}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main(process.argv.slice(2)).catch((error) => {
  const usage = error instanceof UsageError;
  const known = usage || error instanceof StartError;
  process.stderr.write(`slipway: ${known ? error.message : error.stack}\n`);
  process.exit(usage ? 2 : 1);
});
