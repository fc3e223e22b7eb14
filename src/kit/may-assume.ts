import { randomUUID } from 'node:crypto';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { isAwsError } from '../aws/errors.ts';
import type { Platform } from './platform.ts';

/**
 * Does the role exist in the account of `sourceArn`, and does it trust the service, such as `codebuild.amazonaws.com`,
 * for that resource? STS does not tell which is not so. What is no ARN is no role.
 * Asked in a session of its own: one that is kept says what was true when it began.
 */
export async function mayAssume(
  { client }: Pick<Platform, 'client'>,
  role: { service: string; roleArn: string; sourceArn: string; region: string },
): Promise<boolean> {
  try {
    const sts = client(STSClient, { ...role, sessionName: randomUUID() });
    await sts.send(new GetCallerIdentityCommand({}));
    return true;
  } catch (error) {
    if (isAwsError(error, 'AccessDenied', 'AccessDeniedException', 'ValidationError')) return false;
    throw error;
  }
}
