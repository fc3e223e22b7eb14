import {
  AcknowledgeJobCommand,
  type Artifact,
  DeletePipelineCommand,
  GetJobDetailsCommand,
  type Job,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  type PutJobSuccessResultCommandInput,
  StopPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-codepipeline';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT } from '../../../testing.ts';
import kms from '../../kms/index.ts';
import s3 from '../../s3/index.ts';
import { BUCKET, type JobWorld, jobWorld, listActions, pipelineOf, property } from './testing.ts';

const NOBODYS = '00000000-0000-4000-8000-000000000000';

eachDialect('jobs of custom actions', (makeDatabase) => {
  let server: JobWorld;

  beforeEach(async () => {
    server = await jobWorld(makeDatabase, [s3, kms]);
    await server.createType('Source');
  });

  afterEach(() => {
    expect(server.failures).toEqual([]);
  });

  const acknowledge = ({ id: jobId, nonce }: Job) =>
    server.pipelines.send(new AcknowledgeJobCommand({ jobId, nonce }));
  const succeed = ({ id: jobId }: Job, more: Omit<PutJobSuccessResultCommandInput, 'jobId'> = {}) =>
    server.pipelines.send(new PutJobSuccessResultCommand({ jobId, ...more }));

  /** The one job that there is. */
  async function taken(category: string, more: object = {}): Promise<Job> {
    const [job, ...others] = await server.poll(category, more);
    expect(others).toEqual([]);
    return job as Job;
  }

  /** A poll that is held to its end. */
  async function nothing(category: string, more: object = {}): Promise<void> {
    const { jobs } = await server.heldPoll(category, more);
    server.clock.advance(20_000);
    expect(await jobs).toEqual([]);
  }

  async function fetched(): Promise<void> {
    const job = await taken('Source');
    await acknowledge(job);
    await succeed(job, {
      currentRevision: { revision: 'r7', changeIdentifier: 'c7', revisionSummary: 'seven' },
    });
    await server.runDue();
  }

  it('CP-C50, CP-C52: a worker gets the job, and its word ends the action', async () => {
    await server.createType('Build', {
      configurationProperties: [
        property('Project', { key: true }),
        property('Token', { secret: true }),
      ],
      settings: {
        entityUrlTemplate: 'https://ci/{Config:Project}',
        executionUrlTemplate: 'https://ci/{Config:Project}/{ExternalExecutionId}',
      },
    });
    const configuration = { Project: 'web', Token: 'sesame' };
    const created = await server.create(pipelineOf({ configuration, namespace: 'make' }));
    expect(created.stages?.[1]?.actions?.[0]?.configuration).toEqual({
      ...configuration,
      Token: '****',
    });
    await fetched();
    const job = await taken('Build', { maxBatchSize: 5 });
    expect(job).toMatchObject({ accountId: ACCOUNT, nonce: expect.stringMatching(/^\d+$/) });
    const { data } = job;
    expect(data?.actionConfiguration?.configuration).toEqual(configuration);
    expect(data?.pipelineContext).toMatchObject({
      pipelineName: 'p',
      pipelineArn: expect.stringMatching(/:p$/),
      pipelineExecutionId: expect.any(String),
      stage: { name: 'Build' },
      action: { name: 'Make', actionExecutionId: expect.any(String) },
    });
    const location = (key: RegExp) => ({
      type: 'S3',
      s3Location: { bucketName: BUCKET, objectKey: expect.stringMatching(key) },
    });
    expect(data?.inputArtifacts).toEqual([
      { name: 'Code', revision: 'r7', location: location(/^p\/Code\//) },
    ]);
    expect(data?.outputArtifacts).toEqual([{ name: 'App', location: location(/^p\/App\//) }]);
    expect(await acknowledge(job)).toMatchObject({ status: 'InProgress' });
    await succeed(job, {
      executionDetails: { summary: 'made', externalExecutionId: '17', percentComplete: 100 },
      outputVariables: { Url: 'https://x' },
    });
    await server.runDue();
    const state = await server.actionState(1);
    expect(state).toMatchObject({
      entityUrl: 'https://ci/web',
      latestExecution: {
        status: 'Succeeded',
        summary: 'made',
        externalExecutionId: '17',
        externalExecutionUrl: 'https://ci/web/17',
        percentComplete: 100,
      },
    });
    const [made, source] = await listActions(server.pipelines);
    expect(made?.output?.outputVariables).toEqual({ Url: 'https://x' });
    expect(made?.input?.resolvedConfiguration).toEqual({ ...configuration, Token: '****' });
    expect(source?.output?.outputArtifacts?.[0]?.name).toBe('Code');
    expect(JSON.stringify(server.events)).not.toContain('sesame');
  });

  it('CP-C51: one worker wins, and may say so twice', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const job = await taken('Source');
    const wrong = new AcknowledgeJobCommand({ jobId: job.id, nonce: '1' });
    await expect(server.pipelines.send(wrong)).rejects.toMatchObject({
      name: 'InvalidNonceException',
    });
    for (const _ of [1, 2]) expect(await acknowledge(job)).toMatchObject({ status: 'InProgress' });
    await expect(
      server.pipelines.send(new AcknowledgeJobCommand({ jobId: NOBODYS, nonce: '1' })),
    ).rejects.toMatchObject({ name: 'JobNotFoundException' });
  });

  it('hands a job that nobody acknowledged out again when its time is over, and not before', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const first = await taken('Source');
    await nothing('Source');
    server.clock.advance(30_000);
    const { jobs } = await server.heldPoll('Source');
    server.clock.advance(10_000);
    const [second] = await jobs;
    expect(second?.id).toBe(first.id);
    expect(second?.nonce).not.toBe(first.nonce);
    await expect(acknowledge(first)).rejects.toMatchObject({ name: 'InvalidNonceException' });
    await acknowledge(second as Job);
    server.clock.advance(120_000);
    await nothing('Source');
  });

  it('holds a poll until there is a job', async () => {
    await server.createType('Build');
    const { jobs } = await server.heldPoll('Source');
    await server.create(pipelineOf());
    expect(await jobs).toMatchObject([
      { data: { pipelineContext: { stage: { name: 'Source' } } } },
    ]);
  });

  it('gives one job to one of many that poll', async () => {
    await server.createType('Build');
    const held = await Promise.all(Array.from({ length: 8 }, () => server.heldPoll('Source')));
    const polls = held.map(({ jobs }) => jobs);
    await server.create(pipelineOf());
    await Promise.race(polls);
    server.clock.advance(20_000);
    expect((await Promise.all(polls)).flat()).toHaveLength(1);
  });

  it('CP-C52: a continuation token begins another job, and no variables go with it', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    await fetched();
    const first = await taken('Build');
    await acknowledge(first);
    await expect(
      succeed(first, { continuationToken: 't', outputVariables: { A: 'b' } }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await succeed(first, {
      continuationToken: 'run-1',
      executionDetails: { summary: 'half way', percentComplete: 50 },
    });
    await server.runDue();
    expect((await server.actionState(1))?.latestExecution).toMatchObject({
      status: 'InProgress',
      summary: 'half way',
      percentComplete: 50,
    });
    await expect(succeed(first)).rejects.toMatchObject({ name: 'InvalidJobStateException' });
    const second = await taken('Build');
    expect(second.id).not.toBe(first.id);
    expect(second.data?.continuationToken).toBe('run-1');
    await acknowledge(second);
    await succeed(second);
    await server.runDue();
    expect((await server.actionState(1))?.latestExecution?.status).toBe('Succeeded');
  });

  it('refuses results of jobs that nobody has, that are over, or whose action is', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const job = await taken('Source');
    const failed = () =>
      server.pipelines.send(
        new PutJobFailureResultCommand({
          jobId: job.id,
          failureDetails: {
            type: 'RevisionUnavailable',
            message: 'gone',
            externalExecutionId: 'x',
          },
        }),
      );
    for (const put of [() => succeed(job), failed])
      await expect(put()).rejects.toMatchObject({ name: 'InvalidJobStateException' });
    await expect(succeed({ id: NOBODYS })).rejects.toMatchObject({ name: 'JobNotFoundException' });
    await acknowledge(job);
    const big = { V: 'x'.repeat(122_880) };
    await expect(succeed(job, { outputVariables: big })).rejects.toMatchObject({
      name: 'OutputVariablesSizeExceededException',
    });
    await failed();
    await server.runDue();
    expect((await server.actionState(0))?.latestExecution).toMatchObject({
      status: 'Failed',
      externalExecutionId: 'x',
      errorDetails: { code: 'RevisionUnavailable', message: 'gone' },
    });
    await expect(failed()).rejects.toMatchObject({ name: 'InvalidJobStateException' });
  });

  it('CP-C16: an abandoned action takes its jobs with it', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const job = await taken('Source');
    await acknowledge(job);
    const pipelineExecutionId = job.data?.pipelineContext?.pipelineExecutionId;
    await server.pipelines.send(
      new StopPipelineExecutionCommand({ pipelineName: 'p', pipelineExecutionId, abandon: true }),
    );
    await expect(succeed(job)).rejects.toMatchObject({ name: 'InvalidJobStateException' });
    const { jobDetails } = await server.pipelines.send(new GetJobDetailsCommand({ jobId: job.id }));
    expect(jobDetails?.data?.artifactCredentials).toBeUndefined();
  });

  it('takes no job of an action that is over', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    await server.pipelines.send(new UpdatePipelineCommand({ pipeline: pipelineOf() }));
    await nothing('Source');
  });

  it('CP-B30: a custom action has a day', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    server.clock.advance(24 * 3_600_000 + 1000);
    await server.sweep();
    expect((await server.actionState(0))?.latestExecution?.errorDetails?.code).toBe('JobTimedOut');
  });

  it('asks for jobs by the queryable property alone', async () => {
    await server.createType('Build', {
      configurationProperties: [property('Project', { queryable: true })],
    });
    await server.create(pipelineOf({ configuration: { Project: 'web' } }));
    await fetched();
    for (const queryParam of [undefined, {}, { Other: 'web' }])
      await expect(server.poll('Build', { queryParam })).rejects.toMatchObject({
        name: 'ValidationException',
      });
    await expect(server.poll('Source', { queryParam: { Project: 'web' } })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await nothing('Build', { queryParam: { Project: 'shop' } });
    await taken('Build', { queryParam: { Project: 'web' } });
  });

  it('goes with its pipeline', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const job = await taken('Source');
    await server.pipelines.send(new DeletePipelineCommand({ name: 'p' }));
    await expect(acknowledge(job)).rejects.toMatchObject({ name: 'JobNotFoundException' });
  });

  it('fails an action whose role gives no credentials', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const iam = server.client(IAMClient);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'pipeline', PolicyName: 'all' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'pipeline' }));
    expect(await server.poll('Source')).toEqual([]);
    expect((await server.actionState(0))?.latestExecution?.errorDetails?.code).toBe(
      'PermissionError',
    );
  });

  it('CP-C35, CP-C53: credentials reach the artifacts of the job and nothing else', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const source = await taken('Source');
    const credentialsOf = (job: Job) => job.data?.artifactCredentials;
    const locationOf = (artifact: Artifact | undefined) => {
      const { bucketName: Bucket, objectKey: Key } = artifact?.location?.s3Location ?? {};
      return { Bucket, Key };
    };
    const output = locationOf(source.data?.outputArtifacts?.[0]);
    const asSource = server.as(credentialsOf(source));
    await asSource.send(new PutObjectCommand({ ...output, Body: 'code' }));
    await acknowledge(source);
    await succeed(source, { currentRevision: { revision: 'r', changeIdentifier: 'c' } });
    await server.runDue();
    const build = await taken('Build');
    const asBuild = server.as(credentialsOf(build));
    const input = locationOf(build.data?.inputArtifacts?.[0]);
    const { Body } = await asBuild.send(new GetObjectCommand(input));
    expect(await Body?.transformToString()).toBe('code');
    const made = locationOf(build.data?.outputArtifacts?.[0]);
    await asBuild.send(new PutObjectCommand({ ...made, Body: 'app' }));
    const denied = [
      new PutObjectCommand({ ...input, Body: 'other' }),
      new GetObjectCommand(made),
      new PutObjectCommand({ ...made, Key: `${made.Key}x`, Body: 'x' }),
      new DeleteObjectCommand(input),
      new ListObjectsV2Command({ Bucket: BUCKET }),
    ];
    for (const command of denied)
      await expect(asBuild.send(command as GetObjectCommand)).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    const again = await server.pipelines.send(new GetJobDetailsCommand({ jobId: build.id }));
    expect(again.jobDetails?.data?.artifactCredentials?.accessKeyId).not.toBe(
      credentialsOf(build)?.accessKeyId,
    );
  });

  it('CP-C36: credentials are of the action’s own role, where it has one, and use the store’s key', async () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/worker`;
    const principal = { AWS: `arn:aws:iam::${ACCOUNT}:role/pipeline` };
    const document = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    const iam = server.client(IAMClient);
    const trust = document({ Action: 'sts:AssumeRole', Principal: principal });
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust }));
    const { KeyMetadata } = await server.client(KMSClient).send(new CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? '';
    await server.createType('Build');
    await server.create(
      pipelineOf(
        { roleArn },
        {
          artifactStore: {
            ...{ type: 'S3', location: BUCKET, encryptionKey: { id: key, type: 'KMS' } },
          },
        },
      ),
    );
    await fetched();
    const job = await taken('Build');
    expect(job.data?.encryptionKey).toEqual({ id: key, type: 'KMS' });
    const { Arn } = await server
      .as(job.data?.artifactCredentials, STSClient)
      .send(new GetCallerIdentityCommand({}));
    expect(Arn).toMatch(/:assumed-role\/worker\/p-$/);
    const { bucketName, objectKey } = job.data?.outputArtifacts?.[0]?.location?.s3Location ?? {};
    const put = () =>
      server.as(job.data?.artifactCredentials).send(
        new PutObjectCommand({
          ...{ Bucket: bucketName, Key: objectKey, Body: 'x' },
          ...{ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key },
        }),
      );
    // What its role may not, the session may not either.
    await expect(put()).rejects.toMatchObject({ name: 'AccessDenied' });
    const may = document({ Action: ['s3:PutObject', 'kms:GenerateDataKey'], Resource: '*' });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'w', PolicyDocument: may }),
    );
    expect((await put()).SSEKMSKeyId).toBe(key);
    await expect(
      server
        .as(job.data?.artifactCredentials, KMSClient)
        .send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('is for its account alone', async () => {
    await server.createType('Build');
    await server.create(pipelineOf());
    const job = await taken('Source');
    const other = server.client(server.pipelines.constructor as never, {
      accountId: '222222222222',
    }) as typeof server.pipelines;
    await expect(other.send(new GetJobDetailsCommand({ jobId: job.id }))).rejects.toMatchObject({
      name: 'JobNotFoundException',
    });
  });
});
