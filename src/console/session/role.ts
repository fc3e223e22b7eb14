import { openSession } from '../../aws/auth/session-token.ts';
import type { Platform } from '../../kit/platform.ts';
import type { Acting, SwitchedRole } from './session.ts';

/**
 * Assumes a role for who has signed in, with his rights, as he could himself.
 * @throws STS' errors
 */
export async function becomeRole(
  platform: Platform,
  { principal, accessKeyId }: Acting,
  { roleArn, sessionName }: Pick<SwitchedRole, 'roleArn' | 'sessionName'>,
): Promise<SwitchedRole> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { region, auth } = platform.config;
  const sts = platform.client(STSClient, { principal, accessKeyId, region });
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName });
  const { Credentials } = await sts.send(command);
  const made = openSession(platform.vault, Credentials?.SessionToken ?? '');
  if (made?.principal.type !== 'assumed-role') throw new Error('STS gave a session that is none');
  const { principal: become, expires } = made;
  const { accessKeyId: key } = made;
  return { roleArn, sessionName, principal: become, accessKeyId: key, expires, auth };
}
