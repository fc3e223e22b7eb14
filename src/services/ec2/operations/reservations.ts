import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ec2';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { toolsVolume } from '../compute/tools.ts';
import * as errors from '../errors.ts';
import { MAX_IDS } from '../limits.ts';
import { roomOf } from '../model/capacity.ts';
import { instanceArn, stateChange } from '../model/events.ts';
import { newId } from '../model/ids.ts';
import type { Instance, ProfileAssociation, TaggedInstance } from '../model/instance.ts';
import { subnetsOf } from '../model/network.ts';
import { COMPUTE, instanceKey } from '../reconcilers/names.ts';
import { insertInstance, instancesOfToken, placesOfAll } from '../store/instances.ts';
import { listGroups } from '../store/security-groups.ts';
import type { Owner } from '../store/tables.ts';
import { saveTags, tagsById } from '../store/tags.ts';
import { ec2Asking, endTrial } from './declare.ts';
import { askForTags, reservedTags, specifiedConditions, specifiedTags } from './inputs.ts';
import { groupNames, reservations } from './instances.ts';
import { checkLaunch, digestOf, type Launch } from './launch-input.ts';
import { givenProfile } from './profile-input.ts';
import {
  type NamesTemplate,
  type Resolved,
  resolved,
  TEMPLATE_TAG,
  templateArn,
} from './templates-named.ts';

type Input = sdk.RunInstancesCommandInput;

/**
 * The resources that RunInstances is asked about, those too that it chooses itself.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
async function touched(ctx: ServiceContext, asked: Input): Promise<string[]> {
  const { accountId, region } = ctx;
  const its = await likely(ctx, asked);
  const { input } = its;
  const arn = (account: string, resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;
  const [given] = input.NetworkInterfaces ?? [];
  const zone = input.Placement?.AvailabilityZone;
  const chosen = subnetsOf(ctx).find((subnet) => zone === undefined || subnet.zone === zone)?.id;
  const subnet = input.SubnetId ?? given?.SubnetId ?? chosen ?? '*';
  const all = await listGroups(ctx.db, ctx);
  const named = (input.SecurityGroups ?? []).map(
    (name) => all.find((group) => group.name === name)?.id ?? '*',
  );
  const groups = [...(input.SecurityGroupIds ?? []), ...(given?.Groups ?? []), ...named];
  const [first] = all;
  return [
    arn(accountId, 'instance/*'),
    arn('', `image/${input.ImageId ?? '*'}`),
    arn(accountId, 'network-interface/*'),
    arn(accountId, 'volume/*'),
    arn(accountId, `subnet/${subnet}`),
    ...(asked.LaunchTemplate ? [await templateOf(ctx, asked.LaunchTemplate, its)] : []),
    ...(input.KeyName ? [arn(accountId, `key-pair/${input.KeyName}`)] : []),
    ...[...new Set(groups.length > 0 ? groups : [first?.id ?? '*'])]
      // No call has more that are taken.
      .slice(0, MAX_IDS)
      .map((id) => arn(accountId, `security-group/${id}`)),
  ];
}

/** By call: what IAM is asked about is what is done, whatever becomes of the template meanwhile. */
const once = new WeakMap<Input, Promise<Resolved>>();

function resolvedOnce(ctx: ServiceContext, input: Input): Promise<Resolved> {
  const before = once.get(input);
  if (before) return before;
  const now = resolved(ctx, input);
  once.set(input, now);
  return now;
}

/** With what its template says, where there is one: who may not ask is not told that there is none. */
async function likely(ctx: ServiceContext, input: Input): Promise<Resolved> {
  try {
    return await resolvedOnce(ctx, input);
  } catch (error) {
    if (isRefusal(error)) return { input, from: new Map() };
    throw error;
  }
}

const templateOf = (ctx: ServiceContext, named: NamesTemplate, { from }: Resolved) =>
  templateArn(ctx, {
    ...named,
    LaunchTemplateId: from.get(TEMPLATE_TAG) ?? named.LaunchTemplateId,
  });

export const runInstances = ec2Asking(
  'runInstances',
  {
    resource: touched,
    async conditions(ctx, asked) {
      const its = await likely(ctx, asked);
      const { InstanceType, MetadataOptions, TagSpecifications } = its.input;
      const { LaunchTemplate: named } = asked;
      return {
        ...specifiedConditions(TagSpecifications),
        ...(named && { 'ec2:launchtemplate': await templateOf(ctx, named, its) }),
        ...(InstanceType !== undefined && { 'ec2:instancetype': InstanceType }),
        ...(MetadataOptions?.HttpTokens && {
          'ec2:metadatahttptokens': MetadataOptions.HttpTokens,
        }),
      };
    },
  },
  async (ctx, asked) => {
    const made = asked.DryRun ? undefined : await madeBefore(ctx, asked);
    if (made) return made;
    const { input, from } = await resolvedOnce(ctx, asked);
    const launch = await checkLaunch(ctx, input);
    const others = ['volume', 'network-interface', 'spot-instances-request', 'elastic-gpu'];
    // Those of AWS's own are of the call that gives them: a template has none.
    const reserved = reservedOf(ctx, asked.TagSpecifications ?? []);
    const given = without(reserved, input.TagSpecifications ?? []);
    const own = specifiedTags(given, 'instance', others);
    await askForTags(ctx, { action: 'RunInstances', arn: instanceArn(ctx, '*'), tags: own });
    const tags = new Map([...from, ...reserved, ...own]);
    const named = input.IamInstanceProfile;
    const profile = named && (await givenProfile(ctx, named, '*'));
    endTrial(input);
    const request = digestOf(asked);
    const wanted = await newInstances(ctx, { ...input, request }, launch, profile);
    const instances = await ctx.transaction(async (tx) => {
      if (input.ClientToken && (await instancesOfToken(tx, ctx, input.ClientToken)).length > 0)
        return undefined;
      const room = roomFor(ctx, await placesOfAll(tx), input.MinCount ?? 1);
      const taken = wanted.slice(0, room);
      for (const instance of taken) {
        await insertInstance(tx, instance);
        await saveTags(tx, ctx, instance.id, tags);
        await ctx.events.publish(tx, stateChange(instance, 'pending'));
        await ctx.engine.wake(tx, COMPUTE, instanceKey(instance, instance.id));
      }
      return taken;
    });
    // Somebody was first with the token.
    if (!instances) return (await madeBefore(ctx, asked)) ?? {};
    return shown(
      ctx,
      instances.map((instance) => ({ ...instance, tags })),
    );
  },
);

const reservedOf = (ctx: ServiceContext, specifications: sdk.TagSpecification[]) =>
  new Map(specifications.flatMap(({ Tags = [] }) => [...reservedTags(ctx, Tags).reserved]));

const without = (reserved: Tags, specifications: sdk.TagSpecification[]) =>
  specifications.map(({ Tags = [], ...more }) => ({
    ...{ ...more, Tags: Tags.filter(({ Key = '' }) => !reserved.has(Key)) },
  }));

/** How many more an account may have where it wants them. @throws where that is less than it needs */
function roomFor(ctx: ServiceContext, all: readonly Owner[], least: number): number {
  const { room, reason } = roomOf(ctx, all);
  if (room >= least) return room;
  throw reason === 'account' ? errors.tooManyInstances() : errors.noRoom();
}

async function shown(ctx: ServiceContext, instances: TaggedInstance[]): Promise<sdk.Reservation> {
  const [reservation] = reservations(instances, await groupNames(ctx.db, ctx));
  return reservation ?? {};
}

/** What a call with the same token has made. @throws IdempotentParameterMismatch */
async function madeBefore(ctx: ServiceContext, input: Input): Promise<sdk.Reservation | undefined> {
  const { ClientToken: token } = input;
  if (!token) return undefined;
  const made = await instancesOfToken(ctx.db, ctx, token);
  const [first] = made;
  if (!first) return undefined;
  if (first.body.request !== digestOf(input)) throw errors.mismatch();
  const tags = await tagsById(
    ctx.db,
    ctx,
    made.map(({ id }) => id),
  );
  return shown(
    ctx,
    made.map((instance) => ({ ...instance, tags: tags.get(instance.id) ?? new Map() })),
  );
}

async function newInstances(
  ctx: ServiceContext,
  input: Input & { request: string },
  { count, image, type, subnet, groups, metadata, key, recovers }: Launch,
  profile: ProfileAssociation | undefined,
): Promise<Instance[]> {
  const { accountId, region } = ctx;
  const reservationId = newId('r');
  const tools = await toolsVolume(ctx);
  // Two servers may share an engine.
  const of = [ctx.config.dataDir, accountId, region].join('\0');
  const network = `ec2-vpc-${createHash('sha256').update(of).digest('hex').slice(0, 16)}`;
  return Array.from({ length: count }, (_, launchIndex): Instance => {
    const id = newId('i');
    return {
      ...{ accountId, region, id, state: 'pending' },
      clientToken: input.ClientToken || undefined,
      ...{ wantedBoots: 1, boots: 0, handle: undefined, address: undefined, reachable: false },
      terminatedAt: undefined,
      body: {
        ...{ reservationId, launchIndex, imageId: image.id, image: image.location, type },
        ...{ zone: subnet.zone, subnetId: subnet.id, groups, metadata },
        ...(input.UserData !== undefined && { userData: input.UserData }),
        ...(key && { key }),
        ...(!recovers && { staysDown: true as const }),
        ...(profile && { profile: { ...profile, associationId: newId('iip-assoc') } }),
        keepsRunning: {
          termination: input.DisableApiTermination ?? false,
          stop: input.DisableApiStop ?? false,
        },
        onShutdown: input.InstanceInitiatedShutdownBehavior === 'terminate' ? 'terminate' : 'stop',
        monitored: input.Monitoring?.Enabled ?? false,
        ebsOptimized: input.EbsOptimized ?? false,
        sourceDestCheck: true,
        place: { work: `ec2-${id}`, network, tools },
        ...(input.ClientToken && { request: input.request }),
        launchedAt: ctx.clock.now().getTime(),
      },
    };
  });
}
