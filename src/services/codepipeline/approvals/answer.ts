import { CodePipelineClient, PutApprovalResultCommand } from '@aws-sdk/client-codepipeline';
import { isAwsError } from '../../../aws/errors.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/service.ts';
import { answering } from './link.ts';
import type { Waiting } from './waiting.ts';

/** Answers as the pipeline's role, whose rights count now. @throws HttpError */
export async function answer(
  ctx: Platform,
  { pipeline, run, token }: Waiting,
  result: { status: 'Approved' | 'Rejected'; summary: string },
): Promise<void> {
  const { stageName, actionName } = run;
  try {
    await ctx.client(CodePipelineClient, answering(pipeline, run)).send(
      new PutApprovalResultCommand({
        pipelineName: pipeline.name,
        stageName,
        actionName,
        token,
        result,
      }),
    );
  } catch (error) {
    if (isAwsError(error, 'AccessDeniedException'))
      throw new HttpError(403, "The pipeline's role may not answer approvals (any more).");
    if (isAwsError(error, 'ApprovalAlreadyCompletedException', 'InvalidApprovalTokenException'))
      throw new HttpError(410, 'This approval has been answered, or is over.');
    throw error;
  }
}
