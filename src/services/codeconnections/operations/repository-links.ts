import { randomUUID } from 'node:crypto';
import type {
  ProviderType as OldProviderType,
  RepositoryLinkInfo,
} from '@aws-sdk/client-codestar-connections';
import { unsupported } from '../../../aws/errors.ts';
import { authorizeOn, need, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { alreadyExists, invalidInput, limitExceeded } from '../errors.ts';
import { MAX_LINKS } from '../limits.ts';
import { arnOf, type Connection, type RepositoryLink, statusOf } from '../model/connection.ts';
import { isFullRepositoryId } from '../model/repository.ts';
import { connection, link, onLink, TAG_RULES } from '../resources/connection.ts';
import { findConnection } from '../store/connections.ts';
import { deleteLink, listLinks, saveLink } from '../store/links.ts';
import { conditionsOf } from './connections.ts';
import { connections, renaming } from './declare.ts';
import { paginate } from './pages.ts';

export const createRepositoryLink = connections('createRepositoryLink', {}, async (ctx, input) => {
  if (input.EncryptionKeyArn !== undefined)
    throw unsupported('the EncryptionKeyArn of repository links');
  const { OwnerId: ownerId = '', RepositoryName: repositoryName = '' } = input;
  const its = await usable(ctx, input.ConnectionArn, `${ownerId}/${repositoryName}`);
  checkNewTags(input.Tags ?? [], TAG_RULES);
  const { accountId, region } = ctx;
  const id = randomUUID();
  const made: RepositoryLink = {
    ...{ accountId, region, id, arn: arnOf(ctx, ctx.api, `repository-link/${id}`) },
    ...{ connectionArn: its.arn, providerType: its.providerType, ownerId, repositoryName },
    tags: tagObject(tagsOf(input.Tags)),
  };
  await ctx.transaction(async (tx) => {
    const there = await listLinks(tx, ctx);
    const same = there.some(
      (one) =>
        one.ownerId === ownerId &&
        one.repositoryName === repositoryName &&
        one.providerType === its.providerType,
    );
    if (same)
      throw alreadyExists(`A repository link of ${ownerId}/${repositoryName} exists already.`);
    if (there.length >= MAX_LINKS)
      throw limitExceeded(`An account can have no more than ${MAX_LINKS} repository links.`);
    await saveLink(tx, made);
  });
  return { RepositoryLinkInfo: infoOf(made) };
});

/** A connection that the caller may hand over and use. @throws AccessDeniedException, InvalidInputException */
async function usable(
  ctx: ServiceContext,
  arn: string | undefined,
  fullRepositoryId: string,
): Promise<Connection> {
  const located = connection.locate(ctx, arn);
  const conditions = conditionsOf('fullrepositoryid', fullRepositoryId);
  for (const action of ['PassConnection', 'UseConnection'])
    await authorizeOn(renaming(ctx), connection, located, `codeconnections:${action}`, conditions);
  if (!isFullRepositoryId(fullRepositoryId))
    throw invalidInput(`${fullRepositoryId} is no name of a repository.`);
  const found = await findConnection(ctx.db, located);
  if (!found) throw invalidInput(`Connection ${located.arn} does not exist.`);
  if (statusOf(found) !== 'AVAILABLE')
    throw invalidInput(`Connection ${located.arn} is not available.`);
  return found;
}

const infoOf = (it: RepositoryLink): RepositoryLinkInfo => ({
  ConnectionArn: it.connectionArn,
  OwnerId: it.ownerId,
  ProviderType: it.providerType as OldProviderType,
  RepositoryLinkArn: it.arn,
  RepositoryLinkId: it.id,
  RepositoryName: it.repositoryName,
});

export const getRepositoryLink = connections(
  'getRepositoryLink',
  onLink,
  async (_ctx, _input, it) => ({
    RepositoryLinkInfo: infoOf(it),
  }),
);

export const listRepositoryLinks = connections('listRepositoryLinks', {}, async (ctx, input) => {
  const refuse = () => invalidInput('The NextToken is not valid.');
  const { items, nextToken } = paginate(ctx, input, await listLinks(ctx.db, ctx), refuse);
  return { RepositoryLinks: items.map(infoOf), NextToken: nextToken };
});

export const updateRepositoryLink = connections(
  'updateRepositoryLink',
  onLink,
  async (ctx, { ConnectionArn, EncryptionKeyArn }, found) => {
    if (EncryptionKeyArn !== undefined)
      throw unsupported('the EncryptionKeyArn of repository links');
    if (ConnectionArn === undefined) return { RepositoryLinkInfo: infoOf(found) };
    const its = await usable(ctx, ConnectionArn, `${found.ownerId}/${found.repositoryName}`);
    if (its.providerType !== found.providerType)
      throw invalidInput(`Connection ${its.arn} is not one of ${found.providerType}.`);
    const updated = await ctx.transaction(async (tx) => {
      const now = { ...(await need(tx, link, placeOf(found))), connectionArn: its.arn };
      await saveLink(tx, now);
      return now;
    });
    return { RepositoryLinkInfo: infoOf(updated) };
  },
);

const placeOf = ({ accountId, region, arn, id }: RepositoryLink) => ({
  accountId,
  region,
  arn,
  id,
});

export const deleteRepositoryLink = connections(
  'deleteRepositoryLink',
  onLink,
  async (ctx, _input, found) => {
    await ctx.transaction(async (tx) => deleteLink(tx, found));
    return {};
  },
);
