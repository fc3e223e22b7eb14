import type { ActAs } from '../../../kit/service.ts';
import type { PipelineRecord } from '../store/pipelines.ts';

/** Whom a pipeline's role must trust. */
export const SERVICE_PRINCIPAL = 'codepipeline.amazonaws.com';

/** STS takes at most this many characters. */
const SESSION_NAME_LENGTH = 64;

/** For whom an action works: the pipeline's role, or the action's own, assumed from the pipeline's (CP-C36). */
export function actAs(
  pipeline: Pick<PipelineRecord, 'name' | 'arn' | 'declaration'>,
  run: { input: { roleArn?: string; region: string } },
): ActAs {
  const own = run.input.roleArn;
  const { roleArn } = pipeline.declaration;
  return {
    service: SERVICE_PRINCIPAL,
    roleArn: own ?? roleArn,
    sourceArn: pipeline.arn,
    ...(own !== undefined && { byRoleArn: roleArn }),
    // Names of pipelines may be shorter than those of sessions.
    sessionName: pipeline.name.slice(0, SESSION_NAME_LENGTH).padEnd(2, '-'),
    region: run.input.region,
  };
}
