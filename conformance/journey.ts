import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { git } from '../src/cli/demo/git.ts';
import { type Instance, startInstance, stopInstance } from '../src/cli/demo/instances.ts';
import { NAMES, type Place } from '../src/cli/demo/policies.ts';
import {
  type Clients,
  type GitCredentials,
  makeClients,
  makeDeploymentGroup,
  makeInputs,
  makePipeline,
  makeRepository,
  makeRoles,
  registerInstance,
} from '../src/cli/demo/resources.ts';
import type { DemoServer } from '../src/cli/demo/server.ts';
import type { TestServer } from './server.ts';

/** Lines that the build of a journey writes, one every `LINE_SECONDS`, so that a kill can fall between any two. */
export const BUILD_LINES = 40;
const LINE_SECONDS = 0.05;

const BUILDSPEC = `version: 0.2
env:
  variables:
    APP_VERSION: one
  exported-variables:
    - APP_VERSION
phases:
  build:
    commands:
      - i=1; while [ $i -le ${BUILD_LINES} ]; do echo "line $i"; sleep ${LINE_SECONDS}; i=$((i+1)); done
artifacts:
  files:
    - appspec.yml
    - hook.sh
`;

const APPSPEC = `version: 0.0
os: linux
hooks:
  ApplicationStart:
    - location: hook.sh
`;

/** Each run of the hook leaves one line, so that a second run of the same deployment would show. */
const HOOK = `#!/bin/sh
echo "$DEPLOYMENT_ID $LIFECYCLE_EVENT" >> "$INSTANCE_PREFIX/hooks.log"
`;

export interface Journey {
  clients: Clients;
  instances: Instance[];
  /** Commits something and pushes it. */
  push(message: string): Promise<void>;
  /** Stops the agents. */
  stop(): Promise<void>;
}

/** The whole chain on a server: repository with a first push, project, two instances with agents, pipeline. */
export async function startJourney(server: TestServer, directory: string): Promise<Journey> {
  const reached = { ...server, credentials: server.client.credentials } as unknown as DemoServer;
  const clients = makeClients(reached);
  const place: Place = {
    accountId: server.accountId,
    region: server.region,
    bucket: 'journey-artifacts',
  };
  const roles = await makeRoles(clients, place);
  await makeInputs(clients, place);
  const repository = await makeRepository(clients, place);
  await new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name: NAMES.project,
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roles.build,
    }),
  );
  const instances: Instance[] = [];
  for (const name of ['host-1', 'host-2']) {
    const identity = await registerInstance(clients, place, name);
    instances.push(await startInstance(reached, identity, join(directory, name), false));
  }
  await makeDeploymentGroup(clients, roles);
  const work = join(directory, 'work');
  await prepare(work, repository);
  const push = async (message: string) => {
    await git(work, ['commit', '-q', '--allow-empty', '-m', message]);
    await git(work, ['push', '-q', 'origin', NAMES.branch], repository);
  };
  await push('First');
  await makePipeline(clients, roles, place);
  return {
    clients,
    instances,
    push,
    async stop() {
      for (const instance of instances) await stopInstance(instance);
    },
  };
}

async function prepare(work: string, repository: { url: string } & GitCredentials): Promise<void> {
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'buildspec.yml'), BUILDSPEC);
  writeFileSync(join(work, 'appspec.yml'), APPSPEC);
  writeFileSync(join(work, 'hook.sh'), HOOK, { mode: 0o755 });
  await git(work, ['init', '-q', '-b', NAMES.branch]);
  await git(work, ['add', '.']);
  await git(work, ['commit', '-q', '-m', 'Files']);
  await git(work, ['remote', 'add', 'origin', repository.url]);
}
