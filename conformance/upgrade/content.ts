import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetPipelineStateCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { git } from '../../src/cli/demo/git.ts';
import { startInstance, stopInstance } from '../../src/cli/demo/instances.ts';
import { NAMES, type Place } from '../../src/cli/demo/policies.ts';
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
} from '../../src/cli/demo/resources.ts';
import type { DemoServer } from '../../src/cli/demo/server.ts';
import { eventually } from '../eventually.ts';
import type { TestServer } from '../server.ts';

// What a data directory of a release holds, and what a later release must still make of it. Only what every release has
// had may be used in `fill`; `open` may look at more than was there when a directory was made only if it still can.

const FILES = {
  'buildspec.yml': `version: 0.2
env:
  parameter-store:
    GREETING: ${NAMES.parameter}
  exported-variables:
    - APP_VERSION
phases:
  build:
    commands:
      - APP_VERSION=1
      - echo "said $GREETING"
artifacts:
  files:
    - appspec.yml
    - hook.sh
`,
  'appspec.yml': 'version: 0.0\nos: linux\nhooks:\n  ApplicationStart:\n    - location: hook.sh\n',
  'hook.sh': '#!/bin/sh\necho deployed\n',
};
const FACTS = 'facts.json';
const KEPT = 'sealed by a key of an earlier release';

/** What was made then, and has no other place: an object that is encrypted with a key of the account. */
interface Facts {
  keyId: string;
  ciphertext: string;
  git: GitCredentials;
}

const placeOf = ({ accountId, region }: TestServer): Place => ({
  ...{ accountId, region, bucket: 'upgrade-artifacts' },
});
const reached = (server: TestServer) =>
  ({ ...server, credentials: server.client.credentials }) as unknown as DemoServer;

/** Fills a server: the chain with a build that is done and an execution that waits for approval, and one of each thing beside it. */
export async function fill(server: TestServer): Promise<void> {
  const clients = makeClients(reached(server));
  const place = placeOf(server);
  const roles = await makeRoles(clients, place);
  await makeInputs(clients, place);
  await makeProject(clients, roles, 'any');
  await makeDeploymentGroup(clients, roles);
  const { url, ...credentials } = await makeRepository(clients, place);
  const kms = new KMSClient(server.client);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'kept' }));
  const keyId = KeyMetadata?.KeyId ?? '';
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(KEPT) }),
  );
  const ciphertext = Buffer.from(CiphertextBlob ?? []).toString('base64');
  const facts: Facts = { keyId, ciphertext, git: credentials };
  await clients.s3.send(
    new PutObjectCommand({
      ...{ Bucket: place.bucket, Key: FACTS, Body: JSON.stringify(facts) },
      ...{ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyId },
    }),
  );
  await inDirectory(async (work) => {
    for (const [name, text] of Object.entries(FILES)) {
      writeFileSync(join(work, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    }
    await git(work, ['init', '-q', '-b', NAMES.branch]);
    await git(work, ['add', '.']);
    await git(work, ['commit', '-q', '-m', 'First']);
    await git(work, ['push', '-q', url, `HEAD:${NAMES.branch}`], credentials);
  });
  await makePipeline(clients, roles, place);
  await waitingApproval(clients);
}

/** Everything is there and works, and the execution that waited goes on to its end. @throws what is not as it was */
export async function open(server: TestServer): Promise<void> {
  const clients = makeClients(reached(server));
  const place = placeOf(server);
  const facts = await checkBytes(server, clients, place);
  await checkLog(server);
  await inDirectory(async (work) => {
    const identity = await registerInstance(clients, place, 'host-of-now');
    const instance = await startInstance(reached(server), identity, join(work, 'host'), false);
    try {
      const { token } = await waitingApproval(clients);
      await approve(clients, token);
      await eventually('the execution that waited', () => hasSucceeded(clients, 1));
      await pushAgain(server, facts.git, work);
      const next = await waitingApproval(clients);
      await approve(clients, next.token);
      await eventually('an execution of a push of now', () => hasSucceeded(clients, 2));
    } finally {
      await stopInstance(instance);
    }
  });
}

async function checkBytes(server: TestServer, clients: Clients, place: Place): Promise<Facts> {
  const object = await clients.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: FACTS }));
  const facts: Facts = JSON.parse((await object.Body?.transformToString()) ?? '');
  const { Plaintext } = await new KMSClient(server.client).send(
    new DecryptCommand({ CiphertextBlob: Buffer.from(facts.ciphertext, 'base64') }),
  );
  expectEqual('what the key sealed', Buffer.from(Plaintext ?? []).toString(), KEPT);
  const secret = await clients.secrets.send(new GetSecretValueCommand({ SecretId: NAMES.secret }));
  expectEqual('the secret', JSON.parse(secret.SecretString ?? '').key.slice(0, 8), 'only the');
  const parameter = await clients.ssm.send(new GetParameterCommand({ Name: NAMES.parameter }));
  expectEqual('the parameter', parameter.Parameter?.Value, 'Hello from Slipway');
  return facts;
}

async function checkLog(server: TestServer): Promise<void> {
  const { events = [] } = await new CloudWatchLogsClient(server.client).send(
    new FilterLogEventsCommand({
      ...{ logGroupName: `/aws/codebuild/${NAMES.project}`, filterPattern: 'said' },
    }),
  );
  const said = events.map(({ message = '' }) => message.trim());
  if (!said.includes('said ***')) throw new Error(`The build's log has ${said}`);
}

async function pushAgain(server: TestServer, credentials: GitCredentials, work: string) {
  const url = `${server.endpoint}/v1/repos/${NAMES.repository}`;
  await git(work, ['clone', '-q', url, 'clone'], credentials);
  const clone = join(work, 'clone');
  await git(clone, ['commit', '-q', '--allow-empty', '-m', 'Of now']);
  await git(clone, ['push', '-q', 'origin', NAMES.branch], credentials);
}

async function waitingApproval({ codepipeline }: Clients): Promise<{ token: string }> {
  const token = await eventually('an execution that waits for approval', async () => {
    const { stageStates = [] } = await codepipeline.send(
      new GetPipelineStateCommand({ name: NAMES.pipeline }),
    );
    const stage = stageStates.find(({ stageName }) => stageName === 'Approval');
    const { status, token } = stage?.actionStates?.[0]?.latestExecution ?? {};
    return status === 'InProgress' && token;
  });
  return { token };
}

async function approve({ codepipeline }: Clients, token: string): Promise<void> {
  await codepipeline.send(
    new PutApprovalResultCommand({
      ...{ pipelineName: NAMES.pipeline, stageName: 'Approval', actionName: 'Release', token },
      result: { status: 'Approved', summary: 'still good' },
    }),
  );
}

async function hasSucceeded({ codepipeline }: Clients, executions: number): Promise<boolean> {
  const { pipelineExecutionSummaries: all = [] } = await codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  const failed = all.find(({ status }) => status === 'Failed');
  if (failed) throw new Error(`The execution ${failed.pipelineExecutionId} failed`);
  return all.filter(({ status }) => status === 'Succeeded').length === executions;
}

function expectEqual(what: string, found: unknown, wanted: string): void {
  if (found !== wanted) throw new Error(`${what} is ${JSON.stringify(found)}`);
}

async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-upgrade-'));
  mkdirSync(join(directory, 'host'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
