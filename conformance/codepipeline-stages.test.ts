import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  ListRuleTypesCommand,
  OverrideStageConditionCommand,
  PutActionRevisionCommand,
  PutApprovalResultCommand,
  RollbackStageCommand,
  type RuleDeclaration,
  type StageDeclaration,
  StartPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** What stages do besides their actions, on a real server: modes, conditions, retry and rollback. */
describe('CodePipeline stages', () => {
  let server: TestServer;
  let pipelines: CodePipelineClient;
  let alarms: CloudWatchClient;
  const versions: string[] = [];

  beforeAll(async () => {
    server = await startServer();
    pipelines = new CodePipelineClient(server.client);
    alarms = new CloudWatchClient(server.client);
    const s3 = new S3Client({ ...server.client, forcePathStyle: true });
    for (const Bucket of ['artifacts', 'inbox']) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    for (const Body of ['one', 'two']) {
      const put = await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'a', Body }));
      versions.push(put.VersionId ?? '');
    }
    const iam = new IAMClient(server.client);
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    };
    const AssumeRolePolicyDocument = trust('codepipeline.amazonaws.com');
    await iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument }));
    const given = {
      RoleName: 'pipeline',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify(document),
    };
    await iam.send(new PutRolePolicyCommand(given));
  });

  afterAll(async () => {
    await server?.stop();
  });

  const type = (category: 'Source' | 'Approval', provider: string) => ({
    actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
  });

  /** A source, a stage that waits for an approval, and one after it. The name is that of the test's pipeline. */
  const pipelineOf = (name: string, prod: Partial<StageDeclaration>, more: object = {}) => ({
    name,
    roleArn: `arn:aws:iam::${server.accountId}:role/pipeline`,
    pipelineType: 'V2' as const,
    artifactStore: { type: 'S3' as const, location: 'artifacts' },
    variables: [{ name: 'ENV', defaultValue: 'test' }],
    stages: [
      {
        name: 'Source',
        actions: [
          {
            name: 'Object',
            namespace: 'src',
            ...type('Source', 'S3'),
            configuration: { S3Bucket: 'inbox', S3ObjectKey: 'a', PollForSourceChanges: 'false' },
            outputArtifacts: [{ name: 'App' }],
          },
        ],
      },
      { name: 'Prod', actions: [{ name: 'Ok', ...type('Approval', 'Manual') }], ...prod },
      { name: 'After', actions: [{ name: 'Ok', ...type('Approval', 'Manual') }] },
    ],
    ...more,
  });

  /** @returns the id of the execution that creating it has started */
  async function create(name: string, prod: Partial<StageDeclaration>, more: object = {}) {
    await pipelines.send(new CreatePipelineCommand({ pipeline: pipelineOf(name, prod, more) }));
    const { pipelineExecutionSummaries: all = [] } = await pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: name }),
    );
    return all[0]?.pipelineExecutionId ?? '';
  }

  const start = async (name: string, ENV = 'test') =>
    (
      await pipelines.send(
        new StartPipelineExecutionCommand({ name, variables: [{ name: 'ENV', value: ENV }] }),
      )
    ).pipelineExecutionId ?? '';

  async function stateOf(name: string, stageName = 'Prod') {
    const { stageStates = [] } = await pipelines.send(new GetPipelineStateCommand({ name }));
    return stageStates.find((stage) => stage.stageName === stageName) ?? {};
  }

  async function execution(pipelineName: string, pipelineExecutionId: string) {
    const answer = await pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
    );
    return answer.pipelineExecution ?? {};
  }

  /** Answers the approval of a stage once it waits for one, of this execution. */
  async function answer(name: string, id: string, status: 'Approved' | 'Rejected', stage = 'Prod') {
    const token = await eventually('a token', async () => {
      const { latestExecution, actionStates = [] } = await stateOf(name, stage);
      if (latestExecution?.pipelineExecutionId !== id) return undefined;
      return actionStates[0]?.latestExecution?.token;
    });
    await pipelines.send(
      new PutApprovalResultCommand({
        ...{ pipelineName: name, stageName: stage, actionName: 'Ok', token },
        result: { status, summary: '' },
      }),
    );
  }

  const ended = (name: string, id: string) =>
    eventually('an end', async () => {
      const { status } = await execution(name, id);
      return status === 'InProgress' || status === 'Stopping' ? undefined : status;
    });

  const check = (Value: string): RuleDeclaration => ({
    name: 'Check',
    ruleTypeId: { category: 'Rule', owner: 'AWS', provider: 'VariableCheck', version: '1' },
    configuration: { Variable: '#{variables.ENV}', Value, Operator: 'EQ' },
  });
  const alarm = (AlarmName: string, WaitTime = '0'): RuleDeclaration => ({
    name: 'Alarm',
    ruleTypeId: { category: 'Rule', provider: 'CloudWatchAlarm' },
    configuration: { AlarmName, WaitTime },
  });

  test('CP-C28: the rule types are listed', async () => {
    const { ruleTypes = [] } = await pipelines.send(new ListRuleTypesCommand({}));
    expect(ruleTypes.map(({ id }) => id?.provider)).toEqual(
      expect.arrayContaining([
        'CloudWatchAlarm',
        'CodeBuild',
        'Commands',
        'DeploymentWindow',
        'LambdaInvoke',
        'VariableCheck',
      ]),
    );
    expect(ruleTypes[0]?.id).toEqual({
      category: 'Rule',
      owner: 'AWS',
      provider: 'CloudWatchAlarm',
      version: '1',
    });
  });

  test('CP-C25, CP-C26, CP-C27: an entry condition that fails, is shown, listed and overridden', async () => {
    const beforeEntry = { conditions: [{ result: 'FAIL' as const, rules: [check('prod')] }] };
    const id = await create('entry', { beforeEntry });
    expect(await ended('entry', id)).toBe('Failed');
    const summary = expect.stringContaining("#{variables.ENV} EQ 'prod' failed");
    expect(await stateOf('entry')).toMatchObject({
      latestExecution: { status: 'Failed' },
      beforeEntryConditionState: {
        latestExecution: { status: 'Failed', summary },
        conditionStates: [
          { ruleStates: [{ ruleName: 'Check', latestExecution: { status: 'Failed', summary } }] },
        ],
      },
    });
    const listed = await pipelines.send(
      new ListRuleExecutionsCommand({ pipelineName: 'entry', filter: { pipelineExecutionId: id } }),
    );
    expect(listed.ruleExecutionDetails).toEqual([
      expect.objectContaining({
        ...{ ruleName: 'Check', stageName: 'Prod', status: 'Failed', pipelineVersion: 1 },
        input: expect.objectContaining({
          configuration: { Variable: '#{variables.ENV}', Value: 'prod', Operator: 'EQ' },
          resolvedConfiguration: { Variable: 'test', Value: 'prod', Operator: 'EQ' },
        }),
      }),
    ]);
    const where = { pipelineName: 'entry', stageName: 'Prod', pipelineExecutionId: id };
    await pipelines.send(
      new OverrideStageConditionCommand({ ...where, conditionType: 'BEFORE_ENTRY' }),
    );
    expect(await stateOf('entry')).toMatchObject({
      beforeEntryConditionState: { latestExecution: { status: 'Overridden' } },
    });
    await answer('entry', id, 'Approved');
    await answer('entry', id, 'Approved', 'After');
    expect(await ended('entry', id)).toBe('Succeeded');
    await expect(
      pipelines.send(new OverrideStageConditionCommand({ ...where, conditionType: 'ON_SUCCESS' })),
    ).rejects.toMatchObject({ name: 'ConditionNotOverridableException' });
  });

  test('CP-C25: a stage is skipped, or not, as a variable says', async () => {
    const beforeEntry = { conditions: [{ result: 'SKIP' as const, rules: [check('prod')] }] };
    const first = await create('skip', { beforeEntry });
    await answer('skip', first, 'Approved', 'After');
    expect(await ended('skip', first)).toBe('Succeeded');
    expect(await stateOf('skip')).toMatchObject({ latestExecution: { status: 'Skipped' } });
    const second = await start('skip', 'prod');
    await answer('skip', second, 'Approved');
    await answer('skip', second, 'Approved', 'After');
    expect(await ended('skip', second)).toBe('Succeeded');
  });

  test('CP-C20: a stage retries by itself, once', async () => {
    const id = await create('retry', { onFailure: { result: 'RETRY' } });
    await answer('retry', id, 'Rejected');
    await eventually('a retry', async () => {
      const { retryStageMetadata } = await stateOf('retry');
      return retryStageMetadata?.autoStageRetryAttempt === 1 || undefined;
    });
    expect((await stateOf('retry')).retryStageMetadata).toEqual({
      autoStageRetryAttempt: 1,
      manualStageRetryAttempt: 0,
      latestRetryTrigger: 'AutomatedStageRetry',
    });
    await answer('retry', id, 'Rejected');
    expect(await ended('retry', id)).toBe('Failed');
  });

  test('CP-C21, CP-C22, CP-C23: rolls back by itself when an alarm sounds after it, and by hand', async () => {
    const metric = {
      MetricName: 'm',
      Namespace: 'n',
      Threshold: 1,
      EvaluationPeriods: 1,
      Period: 60,
    };
    const AlarmName = 'sounds';
    await alarms.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, ...metric, Statistic: 'Sum' },
        ComparisonOperator: 'GreaterThanThreshold',
        // No metric is there: whoever looks at the alarm each minute leaves it as it was set.
        TreatMissingData: 'ignore',
      }),
    );
    const onSuccess = {
      conditions: [{ result: 'ROLLBACK' as const, rules: [alarm(AlarmName)] }],
    };
    const good = await create('back', { onSuccess });
    await answer('back', good, 'Approved');
    await answer('back', good, 'Approved', 'After');
    expect(await ended('back', good)).toBe('Succeeded');
    await alarms.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }),
    );
    const bad = await start('back');
    await answer('back', bad, 'Approved');
    expect(await ended('back', bad)).toBe('Failed');
    const { pipelineExecutionSummaries: all = [] } = await pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: 'back' }),
    );
    expect(all[0]).toMatchObject({
      executionType: 'ROLLBACK',
      rollbackMetadata: { rollbackTargetPipelineExecutionId: good },
      trigger: { triggerType: 'AutomatedRollback', triggerDetail: bad },
      status: 'InProgress',
    });
    const rolled = all[0]?.pipelineExecutionId ?? '';
    expect(await stateOf('back')).toMatchObject({
      latestExecution: { pipelineExecutionId: rolled, type: 'ROLLBACK' },
    });
    const where = { pipelineName: 'back', stageName: 'Prod' };
    const rollBack = (targetPipelineExecutionId: string, stageName = 'Prod') =>
      pipelines.send(new RollbackStageCommand({ ...where, stageName, targetPipelineExecutionId }));
    await expect(rollBack(good)).rejects.toMatchObject({ name: 'UnableToRollbackStageException' });
    await answer('back', rolled, 'Approved');
    expect(await ended('back', rolled)).toBe('Succeeded');
    const candidates = await pipelines.send(
      new ListPipelineExecutionsCommand({
        pipelineName: 'back',
        filter: { succeededInStage: { stageName: 'Prod' } },
      }),
    );
    expect(candidates.pipelineExecutionSummaries?.map((e) => e.pipelineExecutionId)).toEqual([
      rolled,
      good,
    ]);
    const { pipelineExecutionId: byHand = '' } = await rollBack(good);
    expect(await execution('back', byHand)).toMatchObject({
      executionType: 'ROLLBACK',
      trigger: { triggerType: 'ManualRollback' },
      artifactRevisions: (await execution('back', good)).artifactRevisions,
    });
    await answer('back', byHand, 'Approved');
    expect(await ended('back', byHand)).toBe('Succeeded');
    await expect(rollBack(bad)).rejects.toMatchObject({ name: 'UnableToRollbackStageException' });
    await pipelines.send(new UpdatePipelineCommand({ pipeline: pipelineOf('back', {}) }));
    await expect(rollBack(good)).rejects.toMatchObject({
      name: 'PipelineExecutionOutdatedException',
    });
  });

  test('CP-C28: an alarm that sounds while it is watched ends the wait', async () => {
    const AlarmName = 'watched';
    await alarms.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, MetricName: 'm', Namespace: 'n', Threshold: 1, EvaluationPeriods: 1 },
        ...{ Period: 60, Statistic: 'Sum', ComparisonOperator: 'GreaterThanThreshold' },
        TreatMissingData: 'ignore',
      }),
    );
    const rules = [alarm(AlarmName, '60')];
    const id = await create('watch', { onSuccess: { conditions: [{ result: 'FAIL', rules }] } });
    await answer('watch', id, 'Approved');
    await eventually('a watch', async () => {
      const { onSuccessConditionState } = await stateOf('watch');
      const rule = onSuccessConditionState?.conditionStates?.[0]?.ruleStates?.[0];
      return rule?.latestExecution?.externalExecutionId;
    });
    await alarms.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }),
    );
    expect(await ended('watch', id)).toBe('Failed');
  });

  test('CP-C5, CP-C6, CP-C8: QUEUED keeps their order; PARALLEL executions outlive an update', async () => {
    const first = await create('mode', {}, { executionMode: 'QUEUED' });
    const second = await start('mode');
    const third = await start('mode');
    const waiting = await eventually('two that wait', async () => {
      const { inboundExecutions = [] } = await stateOf('mode');
      return inboundExecutions.length === 2 ? inboundExecutions : undefined;
    });
    expect(waiting.map((e) => e.pipelineExecutionId)).toEqual([second, third]);
    for (const id of [first, second]) {
      await answer('mode', id, 'Approved');
      await answer('mode', id, 'Approved', 'After');
      expect(await ended('mode', id)).toBe('Succeeded');
    }
    const update = (executionMode: 'PARALLEL' | 'SUPERSEDED') =>
      pipelines.send(
        new UpdatePipelineCommand({ pipeline: pipelineOf('mode', {}, { executionMode }) }),
      );
    await update('PARALLEL');
    expect(await ended('mode', third)).toBe('Cancelled');
    const beside = [await start('mode'), await start('mode')];
    await update('SUPERSEDED');
    for (const id of beside) {
      for (const stage of ['Prod', 'After']) {
        const token = await eventually('a token', async () => {
          const { actionExecutionDetails = [] } = await pipelines.send(
            new ListActionExecutionsCommand({
              pipelineName: 'mode',
              filter: {
                latestInPipelineExecution: { pipelineExecutionId: id, startTimeRange: 'Latest' },
              },
            }),
          );
          const found = actionExecutionDetails.find((action) => action.stageName === stage);
          return found?.output?.executionResult?.externalExecutionId;
        });
        const result = { status: 'Approved' as const, summary: '' };
        await pipelines.send(
          new PutApprovalResultCommand({
            ...{ pipelineName: 'mode', stageName: stage, actionName: 'Ok', token, result },
          }),
        );
      }
      expect(await ended('mode', id)).toBe('Succeeded');
      expect(await execution('mode', id)).toMatchObject({ executionMode: 'PARALLEL' });
    }
  });

  test('CP-C11: PutActionRevision starts an execution with a revision, and says whether it is new', async () => {
    const first = await create('put', {});
    await eventually('a revision', async () => {
      const { artifactRevisions = [] } = await execution('put', first);
      return artifactRevisions[0]?.revisionId;
    });
    const put = (revisionId = '', actionName = 'Object', stageName = 'Source') =>
      pipelines.send(
        new PutActionRevisionCommand({
          ...{ pipelineName: 'put', stageName, actionName },
          actionRevision: { revisionId, revisionChangeId: revisionId, created: new Date() },
        }),
      );
    expect(await put(versions[1])).toMatchObject({ newRevision: false });
    const { newRevision, pipelineExecutionId: id = '' } = await put(versions[0]);
    expect(newRevision).toBe(true);
    const revisions = await eventually('the revision', async () => {
      const { artifactRevisions = [], trigger } = await execution('put', id);
      expect(trigger?.triggerType).toBe('PutActionRevision');
      return artifactRevisions[0]?.revisionId;
    });
    expect(revisions).toBe(versions[0]);
    await expect(put('a', 'None')).rejects.toMatchObject({ name: 'ActionNotFoundException' });
    await expect(put('a', 'Ok', 'None')).rejects.toMatchObject({ name: 'StageNotFoundException' });
    await expect(put('a', 'Ok', 'Prod')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('CP-C9: a clientRequestToken is of one request', async () => {
    await create('token', {});
    const given = { name: 'token', clientRequestToken: 'one' };
    const variables = [{ name: 'ENV', value: 'a' }];
    const first = await pipelines.send(new StartPipelineExecutionCommand({ ...given, variables }));
    const again = await pipelines.send(new StartPipelineExecutionCommand({ ...given, variables }));
    expect(again.pipelineExecutionId).toBe(first.pipelineExecutionId);
    const other = [{ name: 'ENV', value: 'b' }];
    await expect(
      pipelines.send(new StartPipelineExecutionCommand({ ...given, variables: other })),
    ).rejects.toMatchObject({ name: 'ConflictException' });
  });
});
