import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ec2';
import type { ServiceContext } from '../../../kit/service.ts';
import { toolsVolume } from '../compute/tools.ts';
import { mismatch } from '../errors.ts';
import { stateChange } from '../model/events.ts';
import { newId } from '../model/ids.ts';
import type { Instance, ProfileAssociation, TaggedInstance } from '../model/instance.ts';
import { COMPUTE, instanceKey } from '../reconcilers/names.ts';
import { insertInstance, instancesOfToken } from '../store/instances.ts';
import { saveTags, tagsById } from '../store/tags.ts';
import { ec2 } from './declare.ts';
import { specifiedTags } from './inputs.ts';
import { groupNames, reservations } from './instances.ts';
import { checkLaunch, type Launch, requestDigest } from './launch-input.ts';
import { givenProfile } from './profile-input.ts';

type Input = sdk.RunInstancesCommandInput;

/** The resources that RunInstances is asked about. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
function touched({ accountId, region }: ServiceContext, input: Input): string[] {
  const arn = (account: string, resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;
  const subnet = input.SubnetId ?? input.NetworkInterfaces?.[0]?.SubnetId ?? '*';
  const groups = [
    ...(input.SecurityGroupIds ?? []),
    ...(input.NetworkInterfaces?.[0]?.Groups ?? []),
  ];
  return [
    arn(accountId, 'instance/*'),
    arn('', `image/${input.ImageId ?? '*'}`),
    arn(accountId, 'network-interface/*'),
    arn(accountId, 'volume/*'),
    arn(accountId, `subnet/${subnet}`),
    ...(groups.length > 0 ? groups : ['*']).map((id) => arn(accountId, `security-group/${id}`)),
  ];
}

export const runInstances = ec2(
  'runInstances',
  {
    resource: touched,
    conditions: (_ctx, { InstanceType, MetadataOptions }) => ({
      ...(InstanceType !== undefined && { 'ec2:instancetype': InstanceType }),
      ...(MetadataOptions?.HttpTokens && {
        'ec2:metadatahttptokens': MetadataOptions.HttpTokens,
      }),
    }),
  },
  async (ctx, input) => {
    const made = await madeBefore(ctx, input);
    if (made) return made;
    const launch = await checkLaunch(ctx, input);
    const others = ['volume', 'network-interface', 'spot-instances-request', 'elastic-gpu'];
    const tags = specifiedTags(input.TagSpecifications, 'instance', others);
    // Who gives tags to what he makes needs CreateTags for it as well.
    if (tags.size > 0)
      await ctx.authorize(
        'ec2:CreateTags',
        `arn:aws:ec2:${ctx.region}:${ctx.accountId}:instance/*`,
        {
          conditions: { 'ec2:createaction': 'RunInstances' },
        },
      );
    const named = input.IamInstanceProfile;
    const profile = named && (await givenProfile(ctx, named, '*'));
    const instances = await newInstances(ctx, input, launch, profile);
    const raced = await ctx.transaction(async (tx) => {
      if (input.ClientToken && (await instancesOfToken(tx, ctx, input.ClientToken)).length > 0)
        return true;
      for (const instance of instances) {
        await insertInstance(tx, instance);
        await saveTags(tx, ctx, instance.id, tags);
        await ctx.events.publish(tx, stateChange(instance, 'pending'));
        await ctx.engine.wake(tx, COMPUTE, instanceKey(instance, instance.id));
      }
      return false;
    });
    const again = raced ? await madeBefore(ctx, input) : undefined;
    if (again) return again;
    return shown(
      ctx,
      instances.map((instance) => ({ ...instance, tags })),
    );
  },
);

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
  if (first.body.request !== requestDigest(input)) throw mismatch();
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
  input: Input,
  { count, image, type, subnet, groups, metadata }: Launch,
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
        ...(input.ClientToken && { request: requestDigest(input) }),
        launchedAt: ctx.clock.now().getTime(),
      },
    };
  });
}
