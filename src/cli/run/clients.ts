import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig, type Server } from '../server.ts';
import type { Pusher } from '../signed-git.ts';

export const makeLogs = (server: Server) => new CloudWatchLogsClient(clientConfig(server));

/** Whose account it is, and with what key git pushes. */
export async function callerOf(server: Server): Promise<{ accountId: string; pusher: Pusher }> {
  const sts = new STSClient(clientConfig(server));
  const { Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  return { accountId: Account, pusher: await sts.config.credentials() };
}
