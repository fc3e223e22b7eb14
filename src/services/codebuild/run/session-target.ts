import { formatArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import type { FindSessionTarget } from '../../../kit/provides.ts';
import { isDriven } from '../model/deadlines.ts';
import { SESSION_SCRIPT } from '../model/debug.ts';
import { findRunningBuild, type StoredBuild } from '../store/builds.ts';
import { actAs } from './service-role.ts';
import { DRIVER_DIRECTORY } from './work-place.ts';

/**
 * A build with a debug session, or a sandbox, as Session Manager knows it: by its UUID. On AWS an agent in the build connects
 * under the build's role, which needs the permission; here nothing has to connect, and the role needs it all the same.
 */
export const findSessionTarget: FindSessionTarget = async (platform, owner, uuid) => {
  const stored = await findRunningBuild(platform.db, owner, uuid);
  if (!stored) return undefined;
  const { accountId, region, inputs, run } = stored;
  const target = {
    arn: formatArn({ service: 'codebuild', accountId, region, resource: `build/${stored.id}` }),
  };
  const { handle, spec, root } = run;
  if (!inputs.debug || !handle || !spec || !isDriven(run)) return target;
  if (!(await mayConnect(platform, stored))) return target;
  const script = `${root}/${DRIVER_DIRECTORY}/${SESSION_SCRIPT}`;
  const command = (line?: string) => [spec.shell, script, ...(line === undefined ? [] : [line])];
  return { ...target, open: { work: handle, command } };
};

async function mayConnect(
  platform: Parameters<FindSessionTarget>[0],
  stored: StoredBuild,
): Promise<boolean> {
  const { id, accountId, region, inputs } = stored;
  const { serviceRole, actor } = inputs;
  try {
    const who = actAs({ serviceRole, actor, id, accountId, region });
    await platform.authorizeAs(who, 'ssmmessages:OpenDataChannel', '*');
    return true;
  } catch (error) {
    if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
    return false;
  }
}
