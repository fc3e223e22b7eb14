import { parseArn } from '../../../aws/arn.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidParameter } from '../errors.ts';

/** As which CloudWatch Logs calls others; older policies name it with the region. */
export const principalsOf = (region: string): [string, string] => [
  'logs.amazonaws.com',
  `logs.${region}.amazonaws.com`,
];

/**
 * Takes a role for deliveries. @returns the principal as which the role trusts CloudWatch Logs
 * @throws AccessDeniedException, InvalidParameterException
 */
export async function takeRole(
  ctx: ServiceContext,
  roleArn: string,
  sourceArn: string,
): Promise<string> {
  const [service, regional] = principalsOf(ctx.region);
  await passRole(ctx, { roleArn, service, sourceArn });
  const region = parseArn(sourceArn)?.region ?? ctx.region;
  for (const principal of [service, regional])
    if (await mayAssume(ctx, { service: principal, roleArn, sourceArn, region })) return principal;
  throw invalidParameter(
    `Could not assume the role ${roleArn}. Make sure that it exists and trusts CloudWatch Logs.`,
  );
}
