import { ownValue } from '../lib/own.ts';
import { trustBundle } from './trusted-bundle.ts';

/** The commands that are clients of a server; `slipway up` is src/main.ts, `slipway lint` is src/lint.ts, `slipway backup` and `restore` src/backup.ts. One file each. */
const COMMANDS: Record<string, () => Promise<(argv: string[]) => Promise<number>>> = {
  account: async () => (await import('./account.ts')).accountCommand,
  build: async () => (await import('./build.ts')).buildCommand,
  agent: async () => (await import('./agent.ts')).agentCommand,
  deploy: async () => (await import('./deploy.ts')).deployCommand,
  instances: async () => (await import('./instances.ts')).instancesCommand,
  connection: async () => (await import('./connection.ts')).connectionCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  watch: async () => (await import('./watch.ts')).watchCommand,
  run: async () => (await import('./run.ts')).runCommand,
  shell: async () => (await import('./shell.ts')).shellCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  import: async () => (await import('./import.ts')).importCommand,
  fsck: async () => (await import('./fsck.ts')).fsckCommand,
  env: async () => (await import('./env.ts')).envCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
};

const USAGE = `Usage: slipway COMMAND
  up      serves (slipway up --help)
  lint    says of a pipeline's file what CreatePipeline would, of a buildspec what a build would, of an AppSpec what a deployment would, without a server (slipway lint --help)
  backup  copies a whole server, which may run meanwhile; restore makes one of such a copy (slipway backup --help)
  account makes and lists accounts
  status  says whether the server answers, where builds run, and what work waits, fails or is stuck
  fsck    reads all of a CodeCommit repository and says what is wrong with it
  connection  says where the repositories of a connection (GitHub, GitLab, any git URL) are
  env     prints the environment for the aws command and SDKs
  import  brings a git repository from anywhere into CodeCommit; export takes one elsewhere (slipway import --help)
  agent   the CodeDeploy host agent
  deploy  deploys a directory with an appspec.yml to this machine, without a server (slipway deploy --local DIR)
  instances  shows EC2 and on-premises instances: their state, addresses and ports, agents, last deployment, and where their files are
  watch   shows an execution of a pipeline until it ends
  build   runs a directory's build, uncommitted changes included, with its log
  run     runs a directory with a buildspec.yml as a pipeline of its own, uncommitted changes included
  shell   opens a shell in a build that was started with a debug session, or in a sandbox
  explain says why an execution, a build or a deployment ran, waited and failed
  worker  runs a command for each job of a custom action of CodePipeline
  demo    takes an example from git push to a running application
slipway --version says which one this is.
`;

const [name = '', ...argv] = process.argv.slice(2);
const load = ownValue(COMMANDS, name);
if (name === '--version') {
  const { readFile } = await import('node:fs/promises');
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  process.stdout.write(`slipway ${version}\n`);
} else if (!load) {
  const asked = name === '' || name === 'help' || name === '--help';
  (asked ? process.stdout : process.stderr).write(
    asked ? USAGE : `slipway: no command ${name}\n${USAGE}`,
  );
  process.exitCode = asked ? 0 : 2;
} else {
  // The agent tells what it trusts for TLS from what it believes.
  if (name !== 'agent') trustBundle(process.env);
  const command = await load();
  process.exitCode = await command(argv);
}
