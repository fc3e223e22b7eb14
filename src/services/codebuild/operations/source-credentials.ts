import { formatArn } from '../../../aws/arn.ts';
import type { Forge } from '../../../kit/forges/repository.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { credentialExists, credentialNotFound } from '../errors.ts';
import { checkCredential, type StoredCredential, tokenName } from '../model/source-credential.ts';
import { sealedFor } from '../run/source-credential.ts';
import * as store from '../store/source-credentials.ts';
import { ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

function tokenArn({ accountId, region }: ServiceContext, serverType: Forge): string {
  const resource = `token/${tokenName(serverType)}`;
  return formatArn({ service: 'codebuild', region, accountId, resource });
}

/** An account has one credential for each kind of forge in a region: the one by which all of its projects sign in. */
export const importSourceCredentials = codebuild(
  'importSourceCredentials',
  {},
  async (ctx, input) => {
    ruled(() => checkCredential(input));
    const { username: userName, token = '', authType = 'PERSONAL_ACCESS_TOKEN' } = input;
    const serverType = input.serverType as Forge;
    const arn = tokenArn(ctx, serverType);
    const refers = authType === 'CODECONNECTIONS' || authType === 'SECRETS_MANAGER';
    const credential: StoredCredential = {
      ...{ serverType, authType, ...(userName !== undefined && { userName }) },
      ...(refers
        ? { resource: token }
        : { token: ctx.vault.seal(token, sealedFor(ctx, serverType)) }),
    };
    await ctx.transaction(async (tx) => {
      const isThere = await store.findCredential(tx, ctx, serverType);
      if (isThere && input.shouldOverwrite === false) throw credentialExists(arn);
      await store.putCredential(tx, ctx, credential);
    });
    return { arn };
  },
);

/** Never with what they hold. */
export const listSourceCredentials = codebuild('listSourceCredentials', {}, async (ctx) => ({
  sourceCredentialsInfos: (await store.listCredentials(ctx.db, ctx)).map(
    ({ serverType, authType, resource }) => ({
      ...{ arn: tokenArn(ctx, serverType), serverType, authType },
      ...(resource !== undefined && { resource }),
    }),
  ),
}));

export const deleteSourceCredentials = codebuild(
  'deleteSourceCredentials',
  {},
  async (ctx, { arn = '' }) => {
    await ctx.transaction(async (tx) => {
      const found = await store.listCredentials(tx, ctx);
      const its = found.find(({ serverType }) => tokenArn(ctx, serverType) === arn);
      if (!its) throw credentialNotFound(arn);
      await store.deleteCredential(tx, ctx, its.serverType);
    });
    return { arn };
  },
);
