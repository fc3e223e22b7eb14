import { formatArn } from '../../../aws/arn.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ActAs, ClientClass, Platform, ServiceContext } from '../../../kit/service.ts';
import { invalidRole } from '../errors.ts';
import type { Actor } from '../model/managed.ts';

export const SERVICE_PRINCIPAL = 'codebuild.amazonaws.com';

/** A build and its role. */
export interface RoleOf {
  serviceRole: string;
  actor?: Actor | undefined;
  id: string;
  accountId: string;
  region: string;
}

/** A client under the service role of a build: what the build may, CodeBuild does for it, and no more. */
export function roleClient<T extends { destroy(): void }>(
  platform: Platform,
  Client: ClientClass<T>,
  build: RoleOf,
): T {
  return platform.client(Client, actAs(build));
}

/** For whom CodeBuild does what a build may. */
export function actAs(build: RoleOf): ActAs {
  return {
    ...{ service: SERVICE_PRINCIPAL, sourceArn: sourceArnOf(build), ...build.actor },
    roleArn: build.serviceRole,
    sessionName: sessionName(build.id),
    region: build.region,
  };
}

/** AWS's name for a build's session. */
export function sessionName(buildId: string): string {
  return `AWSCodeBuild-${buildId.split(':')[1] ?? buildId}`;
}

/** For whom CodeBuild assumes the role of a build: the project, which AWS names in aws:SourceArn. */
export function sourceArnOf(build: { id: string; accountId: string; region: string }): string {
  return projectSource(build, build.id.split(':')[0] ?? '');
}

function projectSource(
  { accountId, region }: { accountId: string; region: string },
  project: string,
): string {
  return formatArn({ service: 'codebuild', region, accountId, resource: `project/${project}` });
}

/**
 * Checks the role that a project or a build names.
 * @param passed whether the call hands the role over, which takes iam:PassRole
 * @throws AccessDeniedException; InvalidInputException in AWS's words when CodeBuild may not become the role
 */
export async function checkRole(
  ctx: ServiceContext,
  { project, ...role }: { roleArn: string; project: string; passed: boolean },
): Promise<void> {
  await checkRoleFor(ctx, { ...role, sourceArn: projectSource(ctx, project) });
}

/** The same for what keeps the role, whatever that is. */
export async function checkRoleFor(
  ctx: ServiceContext,
  { roleArn, sourceArn, passed }: { roleArn: string; sourceArn: string; passed: boolean },
): Promise<void> {
  const given = { service: SERVICE_PRINCIPAL, roleArn, sourceArn };
  if (passed) await passRole(ctx, given);
  if (!(await mayAssume(ctx, { ...given, region: ctx.region }))) throw invalidRole(roleArn);
}
