import type { RequestFacts } from '../../aws/context.ts';
import { mayAssume } from '../may-assume.ts';
import type { ClientClass, Platform } from '../service.ts';
import { invalidRole } from './errors.ts';

export const SERVICE_PRINCIPAL = 'codebuild.amazonaws.com';

/** A client under the service role of a build: what the build may, CodeBuild does for it, and no more. */
export function roleClient<T extends { destroy(): void }>(
  platform: Platform,
  Client: ClientClass<T>,
  build: { serviceRole: string; id: string; region: string },
): T {
  return platform.client(Client, {
    service: SERVICE_PRINCIPAL,
    roleArn: build.serviceRole,
    sessionName: sessionName(build.id),
    region: build.region,
  });
}

/** AWS's name for a build's session. */
export function sessionName(buildId: string): string {
  return `AWSCodeBuild-${buildId.split(':')[1] ?? buildId}`;
}

/** Asks whether CodeBuild may become the role. @throws InvalidInputException in AWS's words when not */
export async function checkAssumable(
  ctx: Platform & Pick<RequestFacts, 'region'>,
  roleArn: string,
): Promise<void> {
  const role = { service: SERVICE_PRINCIPAL, roleArn, region: ctx.region };
  if (!(await mayAssume(ctx, role))) throw invalidRole(roleArn);
}
