import {
  CodeBuildClient,
  StartBuildCommand,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { useAct } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go, href } from '../../app/router.ts';

export const buildPath = (id: string) =>
  href('codebuild', fragmentOf('/builds/:id/view/new', { id }));

/** Starts a build and shows its page. */
export function useStartBuild() {
  const { act, busy } = useAct(CodeBuildClient);
  /** @throws the SDK's error */
  const start = async (
    input: StartBuildCommandInput,
    { sayFailure = true }: { sayFailure?: boolean } = {},
  ) => {
    const done = `A build of ${input.projectName} has started.`;
    const { build } = await act(new StartBuildCommand(input), { done, sayFailure });
    go(buildPath(build?.id ?? ''));
  };
  return { start, busy };
}
