import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { beforeEach, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../db/database.ts';
import { eachDialect } from '../../../db/testing.ts';
import { matches } from '../../../engine/events.ts';
import { databaseOf, perform } from '../../../testing.ts';
import service from '../index.ts';
import { approval, build, pipelineOf, source, stage } from '../model/testing.ts';
import { ActionEndedError } from '../providers/action-type.ts';
import { subscriptions } from '../reconcilers/subscriptions.ts';
import { type PipelineServer, startPipelineServer } from '../testing.ts';
import { operations } from './index.ts';

const roleArn = 'arn:aws:iam::111122223333:role/pipeline';
const untrusting = 'arn:aws:iam::111122223333:role/other';

function declaration(name = 'web', more = {}): PipelineDeclaration {
  const stages = [
    stage('Source', source('Source', { namespace: 'src' })),
    stage('Build', build('Build', { configuration: { ProjectName: '#{src.CommitId}' } })),
    stage('Go', approval()),
  ];
  const { version: _, ...given } = pipelineOf(stages, { name, roleArn, ...more });
  return given as unknown as PipelineDeclaration;
}

const thrown = (name: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name, message });

eachDialect('CodePipeline operations', (makeDatabase) => {
  let database: OpenDatabase;
  let server: PipelineServer;
  let ctx: PipelineServer['ctx'];

  beforeEach(async () => {
    database = await databaseOf(makeDatabase, [service]);
    server = await startPipelineServer(database);
    ctx = server.ctx;
  });

  const create = (name = 'web', more = {}) =>
    perform(operations.createPipeline, ctx, { pipeline: declaration(name, more) });

  const branchMoved = (id: string) => ({
    version: '0' as const,
    id,
    time: '2026-01-01T00:00:00Z',
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Repository State Change',
    account: ctx.accountId,
    region: ctx.region,
    resources: [],
    detail: {
      event: 'referenceUpdated',
      repositoryName: 'web',
      referenceType: 'branch',
      referenceName: 'main',
      commitId: 'abc',
    },
  });

  /** The current execution's action, once its work has been started. */
  async function running(actionName: string, token = false) {
    for (;;) {
      const { stageStates = [] } = await perform(operations.getPipelineState, ctx, { name: 'web' });
      const found = stageStates
        .flatMap((s) => s.actionStates ?? [])
        .find((a) => a.actionName === actionName)?.latestExecution;
      if (found?.status === 'InProgress' && (found.externalExecutionId ?? (token && found.token))) {
        return found;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function end(actionName: string, more = {}) {
    const { actionExecutionId = '' } = await running(actionName);
    const seen = server.published.length;
    server.providers.end(actionExecutionId, { state: 'succeeded', ...more });
    await ctx.transaction((tx) => ctx.engine.wake(tx, 'codepipeline/action', actionExecutionId));
    await server.until(() => server.published.length > seen);
  }

  it('CP-C16: tells a provider that is at work that its action was abandoned', async () => {
    const held = server.providers.hold('Source');
    await create();
    await held.started;
    const { pipelineExecutionSummaries = [] } = await perform(
      operations.listPipelineExecutions,
      ctx,
      {
        pipelineName: 'web',
      },
    );
    const pipelineExecutionId = pipelineExecutionSummaries[0]?.pipelineExecutionId;
    const stop = { pipelineName: 'web', pipelineExecutionId, abandon: true };
    await perform(operations.stopPipelineExecution, ctx, stop);
    server.clock.advance(1_000);
    expect(await held.told).toBeInstanceOf(ActionEndedError);
  });

  it('CP-A43, CP-A46: keeps every version of a structure', async () => {
    const created = await create();
    expect(created.pipeline).toMatchObject({ version: 1, executionMode: 'SUPERSEDED' });
    const changed = { ...declaration(), stages: declaration().stages?.slice(0, 2) };
    const updated = await perform(operations.updatePipeline, ctx, { pipeline: changed });
    expect(updated.pipeline).toMatchObject({ version: 2 });
    const now = await perform(operations.getPipeline, ctx, { name: 'web' });
    expect(now.pipeline).toEqual(updated.pipeline);
    expect(now.metadata?.pipelineArn).toBe('arn:aws:codepipeline:us-east-1:111122223333:web');
    const first = await perform(operations.getPipeline, ctx, { name: 'web', version: 1 });
    expect(first.pipeline).toEqual(created.pipeline);
    await expect(perform(operations.getPipeline, ctx, { name: 'web', version: 3 })).rejects.toEqual(
      thrown('PipelineVersionNotFoundException'),
    );
    await expect(
      perform(operations.updatePipeline, ctx, { pipeline: declaration('x') }),
    ).rejects.toEqual(
      thrown(
        'PipelineNotFoundException',
        "Account '111122223333' does not have a pipeline with name 'x'",
      ),
    );
  });

  it('CP-A38, CP-A39: refuses a role that does not trust CodePipeline, and a name that is taken', async () => {
    await expect(create('web', { roleArn: untrusting })).rejects.toEqual(
      thrown(
        'InvalidStructureException',
        `CodePipeline is not authorized to perform AssumeRole on role ${untrusting}`,
      ),
    );
    await create();
    await expect(create()).rejects.toEqual(
      thrown(
        'PipelineNameInUseException',
        "A pipeline with the name 'web' already exists in account '111122223333'",
      ),
    );
  });

  it('CP-A49: keeps the blockers of a stage, which do nothing', async () => {
    const blockers = [{ name: 'Night', type: 'Schedule' as const }];
    const [first, ...others] = declaration().stages ?? [];
    const stages = [{ ...first, blockers }, ...others] as PipelineDeclaration['stages'];
    const { pipeline } = await create('web', { stages });
    expect(pipeline?.stages?.[0]?.blockers).toEqual(blockers);
    const { pipelineExecutionSummaries } = await perform(operations.listPipelineExecutions, ctx, {
      pipelineName: 'web',
    });
    expect(pipelineExecutionSummaries).toHaveLength(1);
  });

  it('CP-A48: deletes with all that belongs to it, also what is not there', async () => {
    await create();
    await perform(operations.deletePipeline, ctx, { name: 'web' });
    await perform(operations.deletePipeline, ctx, { name: 'web' });
    await expect(perform(operations.getPipelineState, ctx, { name: 'web' })).rejects.toEqual(
      thrown('PipelineNotFoundException'),
    );
    await create();
    const { pipelineExecutionSummaries } = await perform(operations.listPipelineExecutions, ctx, {
      pipelineName: 'web',
    });
    expect(pipelineExecutionSummaries).toHaveLength(1);
  });

  it('lists pipelines by name, in pages', async () => {
    for (const name of ['c', 'a', 'b']) await create(name);
    const first = await perform(operations.listPipelines, ctx, { maxResults: 2 });
    const { nextToken } = first;
    const second = await perform(operations.listPipelines, ctx, { maxResults: 2, nextToken });
    const names = [...(first.pipelines ?? []), ...(second.pipelines ?? [])].map((p) => p.name);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(second.nextToken).toBeUndefined();
    await expect(perform(operations.listPipelines, ctx, { nextToken: 'forged' })).rejects.toEqual(
      thrown('InvalidNextTokenException'),
    );
  });

  it('CP-A41: puts, replaces and takes tags, and refuses the wrong ones', async () => {
    await perform(operations.createPipeline, ctx, {
      pipeline: declaration(),
      tags: [{ key: 'a', value: '1' }],
    });
    const resourceArn = 'arn:aws:codepipeline:us-east-1:111122223333:web';
    const tags = [{ key: 'a', value: '2' }, ...['b', 'c'].map((key) => ({ key, value: '' }))];
    await perform(operations.tagResource, ctx, { resourceArn, tags });
    await perform(operations.untagResource, ctx, { resourceArn, tagKeys: ['c', 'none'] });
    expect((await perform(operations.listTagsForResource, ctx, { resourceArn })).tags).toEqual(
      tags.slice(0, 2),
    );
    const system = [{ key: 'aws:x', value: '' }];
    await expect(
      perform(operations.tagResource, ctx, { resourceArn, tags: system }),
    ).rejects.toEqual(
      thrown('InvalidTagsException', expect.stringContaining("System tags start with 'aws:'")),
    );
    const many = Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: '' }));
    await expect(perform(operations.tagResource, ctx, { resourceArn, tags: many })).rejects.toEqual(
      thrown('TooManyTagsException', `Tag limit exceeded for resource [${resourceArn}].`),
    );
    await expect(
      perform(operations.listTagsForResource, ctx, { resourceArn: `${resourceArn}x` }),
    ).rejects.toEqual(
      thrown(
        'ResourceNotFoundException',
        "The account with id '111122223333' does not include a pipeline with the name 'webx'",
      ),
    );
    await expect(
      perform(operations.listTagsForResource, ctx, { resourceArn: 'web' }),
    ).rejects.toEqual(thrown('InvalidArnException'));
  });

  it('CP-C9: the same clientRequestToken starts one execution', async () => {
    await create();
    const start = (clientRequestToken: string) =>
      perform(operations.startPipelineExecution, ctx, { name: 'web', clientRequestToken });
    const [first, second, other] = [await start('t'), await start('t'), await start('u')];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('CP-C10: source revisions must name a source action and fit it', async () => {
    await create();
    const start = (actionName: string, revisionType: 'COMMIT_ID' | 'IMAGE_DIGEST') =>
      perform(operations.startPipelineExecution, ctx, {
        name: 'web',
        sourceRevisions: [{ actionName, revisionType, revisionValue: 'abc' }],
      });
    await expect(start('Build', 'COMMIT_ID')).rejects.toEqual(thrown('ValidationException'));
    await expect(start('Source', 'IMAGE_DIGEST')).rejects.toEqual(thrown('ValidationException'));
    await end('Source');
    await start('Source', 'COMMIT_ID');
    await running('Source');
    expect(server.providers.jobs.at(-1)?.run.input.sourceOverrides).toEqual([
      { actionName: 'Source', revisionType: 'COMMIT_ID', revisionValue: 'abc' },
    ]);
  });

  it('CP-C39: an event that is delivered twice starts one execution', async () => {
    await create();
    const event = branchMoved('event-1');
    const subscription = subscriptions(server.providers.all).find(({ pattern }) =>
      matches(pattern, event),
    );
    await subscription?.deliver(ctx, event);
    await subscription?.deliver(ctx, event);
    await subscription?.deliver(ctx, { ...event, detail: { ...event.detail, referenceName: 'x' } });
    const { pipelineExecutionSummaries = [] } = await perform(
      operations.listPipelineExecutions,
      ctx,
      {
        pipelineName: 'web',
      },
    );
    expect(pipelineExecutionSummaries.map((e) => e.trigger?.triggerType)).toEqual([
      'PollForSourceChanges',
      'CreatePipeline',
    ]);
  });

  it('CP-A50: a pipeline in which nothing went on for 30 days is not polled for, until it is started or changed', async () => {
    const DAY = 86_400_000;
    const starts = async (id: string) => {
      const event = branchMoved(id);
      const heard = subscriptions(server.providers.all).find((one) => matches(one.pattern, event));
      await heard?.deliver(ctx, event);
      const all = { pipelineName: 'web' };
      const found = await perform(operations.listPipelineExecutions, ctx, all);
      return found.pipelineExecutionSummaries?.length;
    };
    const disabledAt = async () => {
      const { metadata } = await perform(operations.getPipeline, ctx, { name: 'web' });
      return metadata?.pollingDisabledAt;
    };
    const over = (count: number) =>
      server.until(() => {
        const all = server.published.map(({ detail }) => detail);
        return all.filter((d) => d.state === 'FAILED' && !('stage' in d)).length === count;
      });
    await create();
    // Its source's time is up.
    server.clock.advance(DAY);
    await over(1);
    const last = server.clock.now().getTime();
    server.clock.advance(30 * DAY - 1);
    expect(await disabledAt()).toBeUndefined();
    server.clock.advance(1);
    expect(await disabledAt()).toEqual(new Date(last + 30 * DAY));
    expect(await starts('one')).toBe(1);
    await perform(operations.startPipelineExecution, ctx, { name: 'web' });
    expect(await disabledAt()).toBeUndefined();
    expect(await starts('two')).toBe(3);
    server.clock.advance(DAY);
    await over(2);
    server.clock.advance(30 * DAY);
    expect(await starts('three')).toBe(3);
    await perform(operations.updatePipeline, ctx, { pipeline: declaration() });
    expect(await starts('four')).toBe(4);
  });

  it('shows state, executions and actions as they come along', async () => {
    await create();
    const revision = {
      revisionId: 'abc',
      revisionChangeIdentifier: 'abc',
      revisionSummary: 'First',
      created: 1000,
      revisionUrl: '/_slipway/console/codecommit/home?region=us-east-1#/repository/r/commit/abc',
    };
    await end('Source', { outputVariables: { CommitId: 'abc' }, revision });
    const progress = { summary: 'fine', externalExecutionId: 'abc:1' };
    await end('Build', { progress, outputVariables: { X: '1' } });
    const buildUrl = '/_slipway/console/codebuild/home?region=us-east-1#/builds/abc:1/view/new';
    expect(
      server.published.flatMap(({ detail }) => {
        const result = detail['execution-result'] as Record<string, string> | undefined;
        return detail.action === 'Build' ? (result?.['external-execution-url'] ?? []) : [];
      }),
    ).toEqual([`${ctx.serverEndpoint()}${buildUrl}`]);
    const waiting = await running('Approve', true);
    expect(waiting.token).toMatch(/^[0-9a-f-]{36}$/);

    const state = await perform(operations.getPipelineState, ctx, { name: 'web' });
    expect(state.stageStates?.map((s) => s.latestExecution?.status)).toEqual([
      'Succeeded',
      'Succeeded',
      'InProgress',
    ]);
    expect(state.stageStates?.map((s) => s.inboundTransitionState)).toEqual([
      undefined,
      { enabled: true },
      { enabled: true },
    ]);
    expect(state.stageStates?.[0]?.actionStates?.[0]).toMatchObject({
      currentRevision: { revisionId: 'abc', revisionChangeId: 'abc', created: new Date(1000) },
      latestExecution: { status: 'Succeeded' },
      entityUrl:
        'http://localhost/_slipway/console/codecommit/home?region=us-east-1#/repository/web/browse/main/--/',
      revisionUrl: `http://localhost${revision.revisionUrl}`,
    });
    expect(state.stageStates?.[1]?.actionStates?.[0]?.latestExecution).toMatchObject({
      externalExecutionUrl: `http://localhost${buildUrl}`,
    });
    const [summary] =
      (await perform(operations.listPipelineExecutions, ctx, { pipelineName: 'web' }))
        .pipelineExecutionSummaries ?? [];
    expect(summary).toMatchObject({
      status: 'InProgress',
      trigger: { triggerType: 'CreatePipeline', triggerDetail: ctx.principal.arn },
      sourceRevisions: [{ actionName: 'Source', revisionId: 'abc', revisionSummary: 'First' }],
    });
    const id = { pipelineName: 'web', pipelineExecutionId: summary?.pipelineExecutionId };
    const { pipelineExecution } = await perform(operations.getPipelineExecution, ctx, id);
    expect(pipelineExecution?.artifactRevisions).toMatchObject([
      { name: 'SourceOut', revisionId: 'abc', created: new Date(1000) },
    ]);
    const { actionExecutionDetails } = await perform(operations.listActionExecutions, ctx, {
      pipelineName: 'web',
    });
    expect(actionExecutionDetails?.map((a) => a.actionName)).toEqual([
      'Approve',
      'Build',
      'Source',
    ]);
    expect(actionExecutionDetails?.[1]).toMatchObject({
      status: 'Succeeded',
      input: {
        configuration: { ProjectName: '#{src.CommitId}' },
        resolvedConfiguration: { ProjectName: 'abc' },
        inputArtifacts: [{ name: 'SourceOut', s3location: { bucket: 'artifacts' } }],
      },
      output: {
        executionResult: {
          externalExecutionSummary: 'fine',
          externalExecutionUrl: `http://localhost${buildUrl}`,
        },
        outputVariables: { X: '1' },
      },
    });
  });

  it('CP-C30: an approval is answered once, with its token', async () => {
    await create();
    await end('Source', { outputVariables: { CommitId: 'abc' } });
    await end('Build');
    const { token } = await running('Approve', true);
    const answer = (given: string | undefined, stageName = 'Go') =>
      perform(operations.putApprovalResult, ctx, {
        pipelineName: 'web',
        stageName,
        actionName: 'Approve',
        token: given,
        result: { status: 'Approved', summary: 'ok' },
      });
    await expect(answer('wrong')).rejects.toEqual(thrown('InvalidApprovalTokenException'));
    await expect(answer(token, 'No')).rejects.toEqual(thrown('StageNotFoundException'));
    expect(await answer(token)).toEqual({ approvedAt: server.clock.now() });
    await expect(answer(token)).rejects.toEqual(thrown('ApprovalAlreadyCompletedException'));
    const { stageStates } = await perform(operations.getPipelineState, ctx, { name: 'web' });
    const { latestExecution } = stageStates?.[2]?.actionStates?.[0] ?? {};
    expect(latestExecution).toMatchObject({
      status: 'Succeeded',
      summary: 'ok',
      lastUpdatedBy: ctx.principal.arn,
    });
    expect(latestExecution?.token).toBeUndefined();
  });

  it('lists by stage, by execution and in pages', async () => {
    await create();
    await end('Source', { outputVariables: { CommitId: 'abc' } });
    await perform(operations.startPipelineExecution, ctx, { name: 'web' });
    const inStage = (stageName: string) =>
      perform(operations.listPipelineExecutions, ctx, {
        pipelineName: 'web',
        filter: { succeededInStage: { stageName } },
      });
    expect((await inStage('Source')).pipelineExecutionSummaries).toHaveLength(1);
    expect((await inStage('Build')).pipelineExecutionSummaries).toEqual([]);
    const all = { pipelineName: 'web', maxResults: 1 };
    const first = await perform(operations.listPipelineExecutions, ctx, all);
    const { nextToken } = first;
    const second = await perform(operations.listPipelineExecutions, ctx, { ...all, nextToken });
    expect(second.nextToken).toBeUndefined();
    const [newest] = first.pipelineExecutionSummaries ?? [];
    const actions = await perform(operations.listActionExecutions, ctx, {
      pipelineName: 'web',
      filter: { pipelineExecutionId: newest?.pipelineExecutionId },
    });
    expect(actions.actionExecutionDetails?.map((a) => a.actionName)).toEqual(['Source']);
    await expect(
      perform(operations.listActionExecutions, ctx, {
        pipelineName: 'web',
        filter: { pipelineExecutionId: 'none' },
      }),
    ).rejects.toEqual(thrown('PipelineExecutionNotFoundException'));
  });
});
