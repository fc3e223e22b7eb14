import { ownInput } from './own-input.ts';
import type { TargetKind } from './target.ts';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html */
export const codepipeline: TargetKind = {
  name: 'CodePipeline pipelines',
  isOf: ({ service, resource }) => service === 'codepipeline' && !resource.includes('/'),
  needsRole: true,
  async send(ctx, { delivery, target, arn, input, actAs }) {
    const { CodePipelineClient, StartPipelineExecutionCommand } = await import(
      '@aws-sdk/client-codepipeline'
    );
    const { sourceRevisions, variables } = ownInput(target, input);
    const start = {
      ...{ name: arn.resource, sourceRevisions, variables },
      // However often it is tried, it starts once.
      clientRequestToken: delivery.id,
    };
    const client = ctx.client(CodePipelineClient, actAs);
    await client.send(new StartPipelineExecutionCommand(start as never));
  },
};
