import {
  AcknowledgeThirdPartyJobCommand,
  type ActionTypeDeclaration,
  CodePipelineClient,
  GetActionTypeCommand,
  GetJobDetailsCommand,
  GetThirdPartyJobDetailsCommand,
  ListActionTypesCommand,
  PollForThirdPartyJobsCommand,
  PutThirdPartyJobFailureResultCommand,
  PutThirdPartyJobSuccessResultCommand,
  UpdateActionTypeCommand,
} from '@aws-sdk/client-codepipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import kms from '../../kms/index.ts';
import s3 from '../../s3/index.ts';
import { counts, type JobWorld, jobWorld, pipelineOf } from './testing.ts';

const PARTNER = '222222222222';
const STRANGER = '333333333333';
const id = { category: 'Test', owner: 'ThirdParty', provider: 'Partner', version: '1' } as const;
const CLIENT = '01234567-89ab-4cde-8f01-23456789abcd';

const declaration = (more: Partial<ActionTypeDeclaration> = {}): ActionTypeDeclaration => ({
  id,
  description: 'Tests of a partner',
  executor: {
    type: 'JobWorker',
    configuration: { jobWorkerExecutorConfiguration: { pollingAccounts: [PARTNER] } },
    jobTimeout: 60,
  },
  inputArtifactDetails: counts(0, 1),
  outputArtifactDetails: counts(0, 0),
  permissions: { allowedAccounts: ['*'] },
  properties: [
    { name: 'ClientToken', optional: false, key: false, noEcho: true },
    { name: 'ClientId', optional: true, key: false, noEcho: false },
  ],
  urls: { configurationUrl: 'https://partner.example/sign-up' },
  ...more,
});

eachDialect('third-party job workers', (makeDatabase) => {
  let server: JobWorld;
  let partner: CodePipelineClient;
  let stranger: CodePipelineClient;

  beforeEach(async () => {
    server = await jobWorld(makeDatabase, [s3, kms]);
    partner = server.client(CodePipelineClient, { accountId: PARTNER });
    stranger = server.client(CodePipelineClient, { accountId: STRANGER });
    await server.createType('Source');
  });
  afterEach(() => {
    expect(server.failures).toEqual([]);
  });

  const update = (as: CodePipelineClient, actionType = declaration()) =>
    as.send(new UpdateActionTypeCommand({ actionType }));
  const make = (configuration: Record<string, string>) =>
    server.create(
      pipelineOf({ actionTypeId: id, outputArtifacts: [], inputArtifacts: [], configuration }),
    );

  /** The partner's job, once the source is there. */
  async function begun(configuration = { ClientToken: 'sesame', ClientId: CLIENT }) {
    await update(partner);
    await make(configuration);
    const [source] = await server.poll('Source');
    const { id: jobId, nonce } = source ?? {};
    const { AcknowledgeJobCommand, PutJobSuccessResultCommand } = await import(
      '@aws-sdk/client-codepipeline'
    );
    await server.pipelines.send(new AcknowledgeJobCommand({ jobId, nonce }));
    await server.pipelines.send(new PutJobSuccessResultCommand({ jobId }));
    await server.runDue();
    const { jobs = [] } = await partner.send(
      new PollForThirdPartyJobsCommand({ actionTypeId: id }),
    );
    expect(jobs).toHaveLength(1);
    const { clientId, jobId: theirs } = jobs[0] ?? {};
    return { clientId, jobId: theirs, clientToken: 'sesame' };
  }

  const detailsOf = async (job: { jobId: string | undefined; clientToken: string }) =>
    (await partner.send(new GetThirdPartyJobDetailsCommand(job))).jobDetails;

  it('CP-C55: a type is its maker’s, and is shown to those who may use it', async () => {
    await update(partner);
    const { actionType } = await server.pipelines.send(new GetActionTypeCommand(id));
    expect(actionType).toEqual(declaration());
    const { actionTypes = [] } = await server.pipelines.send(
      new ListActionTypesCommand({ actionOwnerFilter: 'ThirdParty' }),
    );
    // Beside AWS's own of that owner.
    const others = actionTypes.filter((type) => type.id?.provider !== 'GitHub');
    expect(others).toMatchObject([
      { id, settings: { thirdPartyConfigurationUrl: 'https://partner.example/sign-up' } },
    ]);
    await expect(update(stranger)).rejects.toMatchObject({ name: 'ActionTypeNotFoundException' });
    await update(partner, declaration({ permissions: { allowedAccounts: [STRANGER] } }));
    await expect(server.pipelines.send(new GetActionTypeCommand(id))).rejects.toMatchObject({
      name: 'ActionTypeNotFoundException',
    });
    await expect(make({ ClientToken: 't' })).rejects.toMatchObject({
      name: 'InvalidActionDeclarationException',
    });
    await partner.send(new GetActionTypeCommand(id));
  });

  it.each<[string, Partial<ActionTypeDeclaration>, string]>([
    [
      'a Lambda function as its executor',
      {
        executor: {
          type: 'Lambda',
          configuration: {
            lambdaExecutorConfiguration: {
              lambdaFunctionArn: 'arn:aws:lambda:us-east-1:222222222222:function:f',
            },
          },
        },
      },
      'NotImplemented',
    ],
    ['no token', { properties: [] }, 'NotImplemented'],
    [
      'nobody who polls',
      { executor: { type: 'JobWorker', configuration: {} } },
      'ValidationException',
    ],
    [
      'a policy that is none',
      {
        executor: {
          ...(declaration().executor as NonNullable<ActionTypeDeclaration['executor']>),
          policyStatementsTemplate: '{',
        },
      },
      'ValidationException',
    ],
    ['AWS for its owner', { id: { ...id, owner: 'AWS' } }, 'ActionTypeNotFoundException'],
    [
      'a type of this server',
      { id: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' } },
      'RequestFailedException',
    ],
    ['more than its greatest count', { inputArtifactDetails: counts(2, 1) }, 'ValidationException'],
  ])('refuses %s', async (_, more, name) => {
    await expect(update(partner, declaration(more))).rejects.toMatchObject({ name });
  });

  it('CP-C54: a worker of another account does the job of who has given it the token', async () => {
    const { clientId, ...job } = await begun();
    expect(clientId).toBe(CLIENT);
    const details = await detailsOf(job);
    expect(details?.data?.actionConfiguration?.configuration?.ClientToken).toBe('sesame');
    expect(details?.data?.pipelineContext).toEqual({
      pipelineName: 'p',
      stage: { name: 'Build' },
      action: { name: 'Make', actionExecutionId: expect.any(String) },
    });
    const nonce = details?.nonce ?? '';
    await expect(
      partner.send(new AcknowledgeThirdPartyJobCommand({ ...job, nonce: `${nonce}0` })),
    ).rejects.toMatchObject({ name: 'InvalidNonceException' });
    expect(
      await partner.send(new AcknowledgeThirdPartyJobCommand({ ...job, nonce })),
    ).toMatchObject({ status: 'InProgress' });
    await partner.send(
      new PutThirdPartyJobSuccessResultCommand({
        ...job,
        executionDetails: { summary: 'all green', externalExecutionId: '9' },
      }),
    );
    await server.runDue();
    expect((await server.actionState(1))?.latestExecution).toMatchObject({
      status: 'Succeeded',
      summary: 'all green',
    });
    await expect(partner.send(new PutThirdPartyJobSuccessResultCommand(job))).rejects.toMatchObject(
      { name: 'InvalidJobStateException' },
    );
    await expect(detailsOf(job)).rejects.toMatchObject({ name: 'InvalidJobException' });
  });

  it('tells nobody else of it', async () => {
    const { clientId: _, ...job } = await begun();
    const nonce = '1';
    const failureDetails = { type: 'JobFailed', message: 'no' } as const;
    const wrong = { ...job, clientToken: 'Sesame' };
    const absent = { ...job, jobId: '00000000-0000-4000-8000-000000000000' };
    const calls = (named: typeof job) => [
      new AcknowledgeThirdPartyJobCommand({ ...named, nonce }),
      new GetThirdPartyJobDetailsCommand(named),
      new PutThirdPartyJobSuccessResultCommand(named),
      new PutThirdPartyJobFailureResultCommand({ ...named, failureDetails }),
    ];
    const send = (as: CodePipelineClient, call: unknown) => as.send(call as never);
    for (const call of calls(wrong))
      await expect(send(partner, call)).rejects.toMatchObject({
        name: 'InvalidClientTokenException',
      });
    for (const call of [...calls(absent)])
      await expect(send(partner, call)).rejects.toMatchObject({ name: 'JobNotFoundException' });
    for (const call of calls(job))
      await expect(send(stranger, call)).rejects.toMatchObject({ name: 'JobNotFoundException' });
    const poll = new PollForThirdPartyJobsCommand({ actionTypeId: id });
    await expect(stranger.send(poll)).rejects.toMatchObject({
      name: 'ActionTypeNotFoundException',
    });
    await expect(
      server.pipelines.send(new GetJobDetailsCommand({ jobId: job.jobId })),
    ).rejects.toMatchObject({ name: 'JobNotFoundException' });
    const none = new PollForThirdPartyJobsCommand({ actionTypeId: { ...id, version: '2' } });
    await expect(partner.send(none)).rejects.toMatchObject({ name: 'ActionTypeNotFoundException' });
    const custom = {
      category: 'Source',
      owner: 'Custom',
      provider: 'Worker',
      version: '1',
    } as const;
    await expect(
      server.pipelines.send(new PollForThirdPartyJobsCommand({ actionTypeId: custom })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      server.client(CodePipelineClient, { accountId: PARTNER }).send(
        new (await import('@aws-sdk/client-codepipeline')).PollForJobsCommand({
          actionTypeId: id,
        }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await partner
      .send(new PutThirdPartyJobFailureResultCommand({ ...job, failureDetails }))
      .catch((error) => expect(error.name).toBe('InvalidJobStateException'));
  });

  it('CP-C55: a job has its own time-out, and its failure is the action’s', async () => {
    const { clientId: _, ...job } = await begun({ ClientToken: 'sesame', ClientId: 'no uuid' });
    const nonce = (await detailsOf(job))?.nonce;
    await partner.send(new AcknowledgeThirdPartyJobCommand({ ...job, nonce }));
    server.clock.advance(59_000);
    await server.runDue();
    expect((await server.actionState(1))?.latestExecution?.status).toBe('InProgress');
    server.clock.advance(2_000);
    await server.runDue();
    expect((await server.actionState(1))?.latestExecution).toMatchObject({
      status: 'Failed',
      errorDetails: { code: 'JobTimedOut' },
    });
  });
});
