import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import type { ActionRun, PipelineState } from '../model/state.ts';
import { actAs } from '../providers/role.ts';

/** Where the link of an approval's mail leads. */
export const APPROVAL = '/_slipway/codepipeline/approval';

const CONTEXT = 'codepipeline/approval-link';

/** Who answers by a link: the pipeline's role, as this session. */
export const answering = (pipeline: PipelineState, run: ActionRun) => ({
  ...actAs(pipeline, run),
  sessionName: 'approval-link',
});

/**
 * A link by which whoever has it may answer for the pipeline's role. Only where that role may itself: AWS's own link
 * leads to the console, where each answers with his own rights, so that this is for the pipeline's owner to grant.
 */
export async function approvalLink(
  ctx: Pick<Platform, 'authorizeAs' | 'vault' | 'config' | 'serverEndpoint'>,
  pipeline: PipelineState,
  run: ActionRun,
): Promise<string | undefined> {
  const action = `${pipeline.arn}/${run.stageName}/${run.actionName}`;
  try {
    await ctx.authorizeAs(answering(pipeline, run), 'codepipeline:PutApprovalResult', action);
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return undefined;
    throw error;
  }
  const sealed = ctx.vault.seal(run.actionExecutionId, CONTEXT);
  const token = Buffer.from(sealed, 'base64').toString('base64url');
  return `${publicUrl(ctx)}${APPROVAL}?token=${token}`;
}

/** The action execution that a link is of, or undefined where it is none of ours. */
export function openLink({ vault }: Pick<Platform, 'vault'>, query: string): string | undefined {
  const token = new URLSearchParams(query).get('token') ?? '';
  try {
    return vault.open(Buffer.from(token, 'base64url').toString('base64'), CONTEXT).toString('utf8');
  } catch {
    return undefined;
  }
}
