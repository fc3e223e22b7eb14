import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { databaseOf, perform } from '../../../testing.ts';
import service from '../index.ts';
import { pipelineOf, source, stage } from '../model/testing.ts';
import { codeDeploy } from '../providers/codedeploy.ts';
import { ActionFailure } from '../providers/failure.ts';
import { type PipelineServer, startPipelineServer } from '../testing.ts';
import { operations } from './index.ts';

const deploy = {
  name: 'Deploy',
  actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'CodeDeploy', version: '1' },
  configuration: { ApplicationName: 'web', DeploymentGroupName: 'all' },
  inputArtifacts: [{ name: 'SourceOut' }],
};

eachDialect('targets of deploy actions', (makeDatabase) => {
  let server: PipelineServer;
  let ids: Record<string, string>;

  beforeEach(async () => {
    server = await startPipelineServer(await databaseOf(makeDatabase, [service]));
    const { version: _, ...pipeline } = pipelineOf([stage('S', source()), stage('D', deploy)]);
    await perform(operations.createPipeline, server.ctx, {
      pipeline: pipeline as unknown as PipelineDeclaration,
    });
    const begun = async (name: string) => {
      const find = () => server.providers.jobs.find(({ run }) => run.actionName === name);
      await vi.waitUntil(find, { timeout: 10_000, interval: 5 });
      return find()?.run.actionExecutionId ?? '';
    };
    const Source = await begun('Source');
    server.providers.end(Source, { state: 'succeeded', revision: { revisionId: 'r' } });
    await server.ctx.transaction((tx) => server.ctx.engine.wake(tx, 'codepipeline/action', Source));
    ids = { Source, Deploy: await begun('Deploy') };
    const known = async () => (await idsOf({})).length > 0;
    await vi.waitUntil(known, { timeout: 10_000, interval: 5 });
  });
  const targets = vi.spyOn(codeDeploy, 'targets');
  targets.mockImplementation(async () =>
    ['i-3', 'i-1', 'i-2'].map((targetId) => ({
      targetId,
      status: targetId === 'i-2' ? 'Failed' : 'Succeeded',
    })),
  );
  afterEach(() => server.stop());

  const list = (input: object) =>
    perform(operations.listDeployActionExecutionTargets, server.ctx, input as never);
  const idsOf = async (more: object) =>
    ((await list({ actionExecutionId: ids.Deploy, ...more })).targets ?? []).map(
      ({ targetId }) => targetId,
    );

  it('are listed in pages, by their status', async () => {
    const first = await list({ actionExecutionId: ids.Deploy, maxResults: 2 });
    expect(first.targets?.map(({ targetId }) => targetId)).toEqual(['i-1', 'i-2']);
    expect(await idsOf({ maxResults: 2, nextToken: first.nextToken })).toEqual(['i-3']);
    const filter = (...values: string[]) => ({ filters: [{ name: 'TARGET_STATUS', values }] });
    expect(await idsOf(filter('Failed'))).toEqual(['i-2']);
    expect(await idsOf(filter('FAILED', 'Succeeded'))).toEqual(['i-1', 'i-2', 'i-3']);
    expect(await idsOf(filter('Pending'))).toEqual([]);
  });

  it('are those of an action of that pipeline, and of deploy actions alone', async () => {
    expect(await idsOf({ pipelineName: 'web' })).toHaveLength(3);
    expect(await list({ actionExecutionId: ids.Source })).toEqual({ targets: [] });
    await expect(idsOf({ pipelineName: 'other' })).rejects.toMatchObject({
      name: 'PipelineNotFoundException',
    });
    const elsewhere = { ...server.ctx, region: 'eu-west-1' };
    await expect(
      perform(operations.listDeployActionExecutionTargets, elsewhere, {
        actionExecutionId: ids.Deploy,
      }),
    ).rejects.toMatchObject({ name: 'ActionExecutionNotFoundException' });
  });

  it('are refused as the provider refuses them', async () => {
    for (const [code, name] of [
      ['PermissionError', 'AccessDeniedException'],
      ['ConfigurationError', 'ValidationException'],
    ] as const) {
      targets.mockRejectedValueOnce(new ActionFailure(code, 'no'));
      await expect(list({ actionExecutionId: ids.Deploy })).rejects.toMatchObject({
        name,
        message: 'no',
      });
    }
  });
});
