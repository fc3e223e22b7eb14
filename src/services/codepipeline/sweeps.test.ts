import {
  CodePipelineClient,
  CreatePipelineCommand,
  type PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, world } from '../../testing.ts';
import service from './index.ts';
import { report } from './model/outcome.ts';
import { approval, pipelineOf, source, stage } from './model/testing.ts';
import { settle } from './reconcilers/pipeline.ts';
import { findAction } from './store/executions.ts';
import { sweeps } from './sweeps.ts';

eachDialect('sweeps of CodePipeline', (makeDatabase) => {
  it('find an approval that nobody has begun, and leave one that waits for its answer', async () => {
    const server = await world(makeDatabase, [service]);
    const { platform } = server;
    const running = () => sweeps['codepipeline/action'](platform);
    await server.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: 'pipeline',
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'codepipeline.amazonaws.com' },
          },
        }),
      }),
    );
    const { version: _, ...pipeline } = pipelineOf(
      [stage('Source', source()), stage('Go', approval())],
      { roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline` },
    );
    await server
      .client(CodePipelineClient)
      .send(new CreatePipelineCommand({ pipeline: pipeline as unknown as PipelineDeclaration }));
    const [sourceRun = ''] = await running();
    const { pipelineId = '' } = (await findAction(platform.db, sourceRun)) ?? {};
    // Nothing works yet: the approval has been written, and not been begun.
    await platform.transaction((tx) =>
      settle(platform, tx, pipelineId, (draft) => report(draft, sourceRun, { state: 'succeeded' })),
    );
    const [approvalRun = '', ...others] = await running();
    expect(others).toEqual([]);
    expect(approvalRun).not.toBe(sourceRun);
    await server.runDue();
    const begun = await findAction(platform.db, approvalRun);
    expect(begun?.run).toMatchObject({
      status: 'InProgress',
      progress: { token: expect.any(String) },
    });
    expect(await running()).toEqual([]);
  });
});
