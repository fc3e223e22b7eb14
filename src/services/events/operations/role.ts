import { mayAssume } from '../../../kit/may-assume.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import { SERVICE_PRINCIPAL } from '../model/names.ts';

/** Takes the role of a rule or a target. @throws AccessDeniedException, ValidationException */
export async function takeRole(
  ctx: ServiceContext,
  roleArn: string,
  sourceArn: string,
): Promise<void> {
  await passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
  const role = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, region: ctx.region };
  if (!(await mayAssume(ctx, role)))
    throw invalid(
      `Provided role '${roleArn}' cannot be assumed by principal '${SERVICE_PRINCIPAL}'.`,
    );
}
