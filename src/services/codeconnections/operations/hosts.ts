import { randomBytes } from 'node:crypto';
import type {
  ProviderType as OldProviderType,
  Host as View,
} from '@aws-sdk/client-codestar-connections';
import { unsupported } from '../../../aws/errors.ts';
import { need, tagObject } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { invalid, limitExceeded, unavailable } from '../errors.ts';
import { MAX_HOSTS } from '../limits.ts';
import { arnOf, type Host, SELF_MANAGED } from '../model/connection.ts';
import { gitUrl } from '../model/repository.ts';
import { atHost, host, onHost, TAG_RULES } from '../resources/connection.ts';
import { listConnections } from '../store/connections.ts';
import { listHosts as list, deleteHost as remove, saveHost } from '../store/hosts.ts';
import { conditionsOf } from './connections.ts';
import { connections } from './declare.ts';
import { paginate } from './pages.ts';

export const createHost = connections(
  'createHost',
  { conditions: (_ctx, { ProviderType }) => conditionsOf('providertype', ProviderType) },
  async (ctx, input) => {
    const { Name: name = '', ProviderType: providerType } = input;
    refuseVpc(input);
    checkNewTags(input.Tags ?? [], TAG_RULES);
    if (providerType === undefined || !SELF_MANAGED.includes(providerType))
      throw invalid(`A host is one of ${SELF_MANAGED.join(' or ')}.`);
    const providerEndpoint = checkedEndpoint(input.ProviderEndpoint);
    const { accountId, region } = ctx;
    const word = name.replace(/[^A-Za-z0-9-]+/g, '-');
    const made: Host = {
      ...{ accountId, region, name, providerType, providerEndpoint, status: 'PENDING' },
      arn: arnOf(ctx, ctx.api, `host/${word}-${randomBytes(4).toString('hex')}`),
      tags: tagObject(tagsOf(input.Tags)),
    };
    await ctx.transaction(async (tx) => {
      if ((await list(tx, ctx)).length >= MAX_HOSTS)
        throw limitExceeded(`An account can have no more than ${MAX_HOSTS} hosts.`);
      await saveHost(tx, made);
    });
    return { HostArn: made.arn, ...(input.Tags && { Tags: input.Tags }) };
  },
);

/** There is no VPC here that a server could be in. */
function refuseVpc({ VpcConfiguration }: { VpcConfiguration?: unknown }): void {
  if (VpcConfiguration !== undefined) throw unsupported('the VpcConfiguration of hosts');
}

function checkedEndpoint(text = ''): string {
  const read = gitUrl(text);
  if ('wrong' in read) throw invalid(`The ProviderEndpoint cannot be used: ${read.wrong}.`);
  if (!/^https?:/.test(read.url)) throw invalid('The ProviderEndpoint must be an https URL.');
  return text;
}

export const getHost = connections('getHost', onHost, async (_ctx, _input, it) => ({
  Name: it.name,
  Status: it.status,
  ProviderType: it.providerType as OldProviderType,
  ProviderEndpoint: it.providerEndpoint,
}));

export const listHosts = connections('listHosts', {}, async (ctx, input) => {
  const { items, nextToken } = paginate(ctx, input, await list(ctx.db, ctx));
  return { Hosts: items.map(viewOf), NextToken: nextToken };
});

const viewOf = (it: Host): View => ({
  Name: it.name,
  HostArn: it.arn,
  ProviderType: it.providerType as OldProviderType,
  ProviderEndpoint: it.providerEndpoint,
  Status: it.status,
});

export const updateHost = connections('updateHost', atHost, async (ctx, input, located) => {
  refuseVpc(input);
  const { ProviderEndpoint: asked } = input;
  const providerEndpoint = asked === undefined ? undefined : checkedEndpoint(asked);
  await ctx.transaction(async (tx) => {
    const found = await need(tx, host, located);
    if (providerEndpoint !== undefined) await saveHost(tx, { ...found, providerEndpoint });
  });
  return {};
});

export const deleteHost = connections('deleteHost', atHost, async (ctx, _input, located) => {
  await ctx.transaction(async (tx) => {
    const found = await need(tx, host, located);
    if ((await listConnections(tx, found, found.arn)).length > 0)
      throw unavailable(`Host ${found.arn} has connections: delete them first.`);
    await remove(tx, found);
  });
  return {};
});
