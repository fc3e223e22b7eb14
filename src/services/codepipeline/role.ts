import type { ActAs } from '../service.ts';

/** Whom a pipeline's role must trust. */
export const SERVICE_PRINCIPAL = 'codepipeline.amazonaws.com';

/** STS takes at most this many characters. */
const SESSION_NAME_LENGTH = 64;

/** For whom an action works: the pipeline's role, or the action's own, assumed from the pipeline's (CP-C36). */
export function actAs(
  pipeline: { name: string; declaration: { roleArn: string } },
  run: { input: { roleArn?: string; region: string } },
): ActAs {
  const own = run.input.roleArn;
  const { roleArn } = pipeline.declaration;
  return {
    service: SERVICE_PRINCIPAL,
    roleArn: own ?? roleArn,
    ...(own !== undefined && { via: roleArn }),
    sessionName: pipeline.name.slice(0, SESSION_NAME_LENGTH),
    region: run.input.region,
  };
}
