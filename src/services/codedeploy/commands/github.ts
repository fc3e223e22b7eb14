import type { Tag } from '@aws-sdk/client-codedeploy';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../../../aws/errors.ts';
import { apiBase } from '../../../kit/forges/api.ts';
import { forgeRepository } from '../../../kit/forges/repository.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { tokenIn, tokenSecretOf } from '../model/github-token.ts';
import { asRoleOf } from '../reconcilers/as-role.ts';
import type { Deployment } from '../store/deployments.ts';

const failed = (message: string) => new AwsError('ClientException', message);

/**
 * How a host gets at a deployment's revision in GitHub: where the API is, and for the event that downloads the group's
 * token, which is read under the service role. @throws ClientException, which the agent reports
 */
export async function gitHubOf(
  ctx: ServiceContext,
  deployment: Deployment & { tags: readonly Tag[] },
  event: string | undefined,
): Promise<{ endpoint?: string; token?: string } | undefined> {
  const { repository } = deployment.revision.gitHubLocation ?? {};
  if (repository === undefined) return undefined;
  const base = apiBase(ctx.config, forgeRepository('GITHUB', `https://github.com/${repository}`));
  if (base === undefined)
    throw failed('no API of github.com is configured (SLIPWAY_UPSTREAM_GITHUB)');
  const endpoint = ctx.config.upstream.github === undefined ? {} : { endpoint: base };
  const secret = event === 'DownloadBundle' ? tokenSecretOf(deployment.tags) : undefined;
  if (secret === undefined) return endpoint;
  const { accountId, region } = ctx;
  const client = ctx.client(SecretsManagerClient, asRoleOf({ ...deployment, accountId, region }));
  const { SecretString = '' } = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((error) => {
      if (isRefusal(error))
        throw failed(`the token of GitHub cannot be read: ${error.name}: ${error.message}`);
      throw error;
    });
  const token = tokenIn(SecretString);
  if (token === undefined) throw failed(`the secret ${secret} holds no token of GitHub`);
  return { ...endpoint, token };
}
