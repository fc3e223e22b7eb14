import { ownInput } from './own-input.ts';
import type { TargetKind } from './target.ts';

/** The rule's own input is parameters of StartBuild, such as environmentVariablesOverride. */
export const codebuild: TargetKind = {
  name: 'CodeBuild projects',
  isOf: ({ service, resource }) => service === 'codebuild' && resource.startsWith('project/'),
  needsRole: true,
  async send(ctx, { delivery, target, arn, input, actAs }) {
    const { CodeBuildClient, StartBuildCommand } = await import('@aws-sdk/client-codebuild');
    const start = {
      ...ownInput(target, input),
      projectName: arn.resource.slice('project/'.length),
      // However often it is tried, it starts once.
      idempotencyToken: delivery.id,
    };
    await ctx.client(CodeBuildClient, actAs).send(new StartBuildCommand(start as never));
  },
};
