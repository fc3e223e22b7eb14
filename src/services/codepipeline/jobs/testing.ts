import {
  type AWSSessionCredentials,
  CodePipelineClient,
  CreateCustomActionTypeCommand,
  type CreateCustomActionTypeCommandInput,
  CreatePipelineCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  type PipelineDeclaration,
  PollForJobsCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { openSession } from '../../../aws/auth/session-token.ts';
import { type MakeDatabase, testVault } from '../../../db/testing.ts';
import type { ClientClass, ServiceDefinition } from '../../../kit/service.ts';
import { ManualClock } from '../../../lib/clock.ts';
import { ACCOUNT, REGION, type World, world } from '../../../testing.ts';
import service from '../index.ts';
import { stage } from '../model/testing.ts';

// Pipelines whose actions are all done by job workers.

export const BUCKET = 'artifacts';

export const typeId = (category: string, provider = 'Worker', version = '1') =>
  ({ category, owner: 'Custom', provider, version }) as never;

export const counts = (least: number, most: number) => ({
  minimumCount: least,
  maximumCount: most,
});

export const property = (name: string, more: object = {}) => ({
  ...{ name, required: true, key: false, secret: false },
  ...more,
});

export const action = (name: string, category: string, more: object = {}) => ({
  name,
  actionTypeId: typeId(category),
  ...more,
});

/** Fetch, whose worker says what there is, and Make, which works on it. */
export const pipelineOf = (make: object = {}, more: object = {}): PipelineDeclaration =>
  ({
    name: 'p',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
    artifactStore: { type: 'S3', location: BUCKET },
    stages: [
      stage('Source', action('Fetch', 'Source', { outputArtifacts: [{ name: 'Code' }] })),
      stage(
        'Build',
        action('Make', 'Build', {
          ...{ inputArtifacts: [{ name: 'Code' }], outputArtifacts: [{ name: 'App' }] },
          ...make,
        }),
      ),
    ],
    ...more,
  }) as unknown as PipelineDeclaration;

export interface JobWorld extends World {
  pipelines: CodePipelineClient;
  createType(
    category: string,
    more?: Partial<CreateCustomActionTypeCommandInput>,
  ): Promise<unknown>;
  create(pipeline: PipelineDeclaration): Promise<PipelineDeclaration>;
  poll(category: string, more?: object): Promise<Awaited<Polled>>;
  /** A poll that finds nothing at first; resolves once it is held. */
  heldPoll(category: string, more?: object): Promise<{ jobs: Polled }>;
  actionState(stageIndex: number): ReturnType<typeof stateOf>;
  /** A service, S3 unless another is said, for who has a job's credentials. */
  as(credentials: AWSSessionCredentials | undefined): S3Client;
  as<T extends { destroy(): void }>(
    credentials: AWSSessionCredentials | undefined,
    Client: ClientClass<T>,
  ): T;
}

/** A clock that knows what waits for it. */
class WatchedClock extends ManualClock {
  readonly armed: number[] = [];

  override at(at: Date, wake: () => void): () => void {
    this.armed.push(at.getTime());
    return super.at(at, wake);
  }
}

/** How often a held request looks by itself (engine/held.ts). */
const LOOK_MS = 5_000;

const polled = (client: CodePipelineClient, category: string, more: object) =>
  client.send(new PollForJobsCommand({ actionTypeId: typeId(category), ...more }));

type Polled = Promise<NonNullable<Awaited<ReturnType<typeof polled>>['jobs']>>;

async function stateOf(client: CodePipelineClient, stageIndex: number) {
  const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name: 'p' }));
  return stageStates[stageIndex]?.actionStates?.[0];
}

/** A server with a role that may do all, a bucket, and CodePipeline. @param beside S3 at least */
export async function jobWorld(
  makeDatabase: MakeDatabase,
  beside: readonly ServiceDefinition[],
): Promise<JobWorld> {
  const clock = new WatchedClock();
  const server = await world(makeDatabase, [service, ...beside], { clock });
  const pipelines = server.client(CodePipelineClient);
  const iam = server.client(IAMClient);
  const trust = (Service: string) => ({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } },
  });
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'pipeline',
      AssumeRolePolicyDocument: JSON.stringify(trust('codepipeline.amazonaws.com')),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      ...{ RoleName: 'pipeline', PolicyName: 'all' },
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: all }),
    }),
  );
  await server.client(S3Client).send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: REGION },
    }),
  );
  const poll = async (category: string, more = {}) =>
    (await polled(pipelines, category, more)).jobs ?? [];
  return {
    ...server,
    pipelines,
    createType: (category, more = {}) =>
      pipelines.send(
        new CreateCustomActionTypeCommand({
          ...{ category: category as never, provider: 'Worker', version: '1' },
          ...{ inputArtifactDetails: counts(0, 5), outputArtifactDetails: counts(0, 5) },
          ...more,
        }),
      ),
    async create(pipeline) {
      const created = await pipelines.send(new CreatePipelineCommand({ pipeline }));
      await server.runDue();
      return created.pipeline as PipelineDeclaration;
    },
    poll,
    async heldPoll(category, more) {
      const before = clock.armed.length;
      const jobs = poll(category, more);
      const look = clock.now().getTime() + LOOK_MS;
      await expect.poll(() => clock.armed.slice(before).includes(look)).toBe(true);
      return { jobs };
    },
    actionState: (stageIndex) => stateOf(pipelines, stageIndex),
    // biome-ignore lint/suspicious/noExplicitAny: of whichever service was asked for
    as(credentials: AWSSessionCredentials | undefined, Client: ClientClass<any> = S3Client) {
      const session = openSession(testVault(), credentials?.sessionToken ?? '');
      if (!session) throw new Error('These are no credentials of a session');
      const { principal, accessKeyId } = session;
      return server.platform.client(Client, { principal, accessKeyId, region: REGION });
    },
  };
}

export const listActions = async (pipelines: CodePipelineClient) =>
  (await pipelines.send(new ListActionExecutionsCommand({ pipelineName: 'p' })))
    .actionExecutionDetails ?? [];
