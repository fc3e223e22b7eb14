import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GetDeploymentCommand, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import { git } from './demo/git.ts';
import { answerOf, type Instance, startInstance, stopInstance } from './demo/instances.ts';
import { NAMES, type Place } from './demo/policies.ts';
import {
  type Clients,
  type GitCredentials,
  makeClients,
  makeDeploymentGroup,
  makeInputs,
  makePipeline,
  makeProject,
  makeRepository,
  makeRoles,
  registerInstance,
} from './demo/resources.ts';
import { type DemoServer, end, startServer } from './demo/server.ts';
import { follow, nextExecution, type Outcome } from './demo/timeline.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'web-app');
const USAGE = `Usage: slipway demo [--keep] [--executor process|docker] [--image IMAGE]
  --keep  leaves the server, the agents and the application running and says how to look around
`;
const ROLLBACK_TIMEOUT_MS = 60_000;

const print = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  keep: boolean;
  executor: string;
  image: string;
}

interface Demo {
  directory: string;
  server: DemoServer;
  clients: Clients;
  instances: Instance[];
}

/** `slipway demo`: from `git push` to a running application, with a rollback. @returns the exit code */
export async function demoCommand(argv: string[]): Promise<number> {
  let options: Options;
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        keep: { type: 'boolean', default: false },
        executor: { type: 'string', default: 'process' },
        image: { type: 'string', default: 'aws/codebuild/standard:7.0' },
      },
    });
    options = values;
  } catch (error) {
    process.stderr.write(`slipway demo: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'slipway-demo-'));
  const demo: Partial<Demo> & { instances: Instance[] } = { directory, instances: [] };
  const abort = () => cleanUp(demo).finally(() => process.exit(130));
  process.once('SIGINT', abort);
  let passed = false;
  try {
    await play(demo, directory, options);
    passed = true;
  } catch (error) {
    process.stderr.write(`\nThe demo failed: ${(error as Error).stack}\n`);
  }
  process.off('SIGINT', abort);
  if (options.keep && demo.server) lookAround(demo as Demo);
  else await cleanUp(demo);
  return passed ? 0 : 1;
}

async function play(
  demo: Partial<Demo> & { instances: Instance[] },
  directory: string,
  options: Options,
): Promise<void> {
  const started = Date.now();
  mkdirSync(join(directory, 'data'));
  const server = await startServer(
    join(directory, 'data'),
    ['--executor', options.executor],
    options.keep,
  );
  const clients = makeClients(server);
  Object.assign(demo, { server, clients });
  print(`Slipway serves at ${server.endpoint} (strict IAM, data in ${directory}/data)\n`);

  const place: Place = {
    accountId: server.accountId,
    region: server.region,
    bucket: 'web-app-artifacts',
  };
  const roles = await makeRoles(clients, place);
  await makeInputs(clients, place);
  const repository = await makeRepository(clients, place);
  await makeProject(clients, roles, options.image);
  for (const name of ['instance-1', 'instance-2']) {
    const identity = await registerInstance(clients, place, name);
    demo.instances.push(await startInstance(server, identity, join(directory, name), options.keep));
  }
  await makeDeploymentGroup(clients, roles);
  print(
    'Roles, parameter, secret, repository, project, deployment group and two instances are there.',
  );

  const work = join(directory, 'web-app');
  await pushFirst(work, repository);
  print('Pushed the application with git. Creating the pipeline starts it:\n');
  await makePipeline(clients, roles, place);
  const first = await follow(clients, await nextExecution(clients), print);
  expectStatus(first, 'Succeeded');
  const before = await answers(demo.instances);

  print('\nNow a commit that breaks the health check (its tests pass all the same):\n');
  await pushBroken(work, repository);
  const second = await follow(clients, await nextExecution(clients, first.executionId), print);
  expectStatus(second, 'Failed');
  await rolledBack(clients, second);
  const after = await answers(demo.instances);
  if (after.join() !== before.join())
    throw new Error('After the rollback the first version should answer.');
  print(`\nDone in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

async function pushFirst(
  work: string,
  repository: { url: string } & GitCredentials,
): Promise<void> {
  cpSync(EXAMPLE, work, { recursive: true });
  await git(work, ['init', '-q', '-b', NAMES.branch]);
  await git(work, ['add', '.']);
  await git(work, ['commit', '-q', '-m', 'The application']);
  await git(work, ['remote', 'add', 'origin', repository.url]);
  await git(work, ['push', '-q', 'origin', NAMES.branch], repository);
}

async function pushBroken(work: string, repository: GitCredentials): Promise<void> {
  const file = join(work, 'src', 'app.js');
  const broken = readFileSync(file, 'utf8').replace(
    "answer(response, 200, 'ok\\n')",
    "answer(response, 500, 'broken\\n')",
  );
  writeFileSync(file, broken);
  await git(work, ['commit', '-q', '-a', '-m', 'Break the health check']);
  await git(work, ['push', '-q', 'origin', NAMES.branch], repository);
}

function expectStatus(outcome: Outcome, status: string): void {
  print(`  execution ${outcome.executionId} ${outcome.status}\n`);
  if (outcome.status !== status)
    throw new Error(`The execution ended ${outcome.status}, not ${status}.`);
}

/** Waits until the deployment that CodeDeploy started to go back has succeeded. */
async function rolledBack({ codedeploy }: Clients, outcome: Outcome): Promise<void> {
  const failed = outcome.actions.find((a) => a.stageName === 'Deploy')?.output?.executionResult
    ?.externalExecutionId;
  const deadline = Date.now() + ROLLBACK_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { deploymentInfo } = await codedeploy.send(
      new GetDeploymentCommand({ deploymentId: failed }),
    );
    const rollbackId = deploymentInfo?.rollbackInfo?.rollbackDeploymentId;
    if (rollbackId) {
      const rollback = await codedeploy.send(
        new GetDeploymentCommand({ deploymentId: rollbackId }),
      );
      const status = rollback.deploymentInfo?.status;
      if (status === 'Succeeded') {
        print(`  ${failed} failed: ${deploymentInfo?.errorInformation?.message}`);
        print(
          `  ${rollbackId} by ${rollback.deploymentInfo?.creator} brought the last good version back.\n`,
        );
        return;
      }
      if (status === 'Failed' || status === 'Stopped')
        throw new Error(`The rollback ${rollbackId} ended ${status}.`);
    }
    await sleep(500);
  }
  const { deployments } = await codedeploy.send(new ListDeploymentsCommand({}));
  throw new Error(`${failed} was not rolled back; deployments: ${deployments?.join(', ')}`);
}

async function answers(instances: Instance[]): Promise<string[]> {
  const all = await Promise.all(instances.map(answerOf));
  for (const [index, instance] of instances.entries()) {
    print(`  ${instance.name}  http://127.0.0.1:${instance.port}/  ${all[index]}`);
  }
  return all;
}

function lookAround({ directory, server, instances }: Demo): void {
  const pids = [server.process.pid, ...instances.map((i) => i.agent.pid)];
  print(`
Everything is still running. To look around:
  eval "$(bin/slipway env --data ${directory}/data)"
  aws codepipeline get-pipeline-state --name ${NAMES.pipeline}
  aws logs tail /aws/codebuild/${NAMES.project}
  cd ${directory}/web-app
To stop it: kill ${pids.join(' ')}`);
  for (const child of [server.process, ...instances.map((i) => i.agent)]) {
    child.stdout?.destroy();
    child.unref();
  }
}

async function cleanUp(demo: Partial<Demo> & { instances: Instance[] }): Promise<void> {
  for (const instance of demo.instances) await stopInstance(instance);
  if (demo.server) await end(demo.server.process);
  if (demo.directory) rmSync(demo.directory, { recursive: true, force: true });
}
