import type { ActAs } from '../service.ts';

/** Whom a pipeline's role must trust. */
export const SERVICE_PRINCIPAL = 'codepipeline.amazonaws.com';

/** For whom an action works: the pipeline's role, or the action's own, assumed from the pipeline's (CP-C36). */
export function actAs(
  pipeline: { roleArn: string },
  run: { actionExecutionId: string; input: { roleArn?: string; region: string } },
): ActAs {
  const own = run.input.roleArn;
  return {
    service: SERVICE_PRINCIPAL,
    roleArn: own ?? pipeline.roleArn,
    ...(own !== undefined && { via: pipeline.roleArn }),
    sessionName: run.actionExecutionId,
    region: run.input.region,
  };
}
