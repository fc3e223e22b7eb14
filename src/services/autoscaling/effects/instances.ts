import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { noConfiguration } from '../errors.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Group, Launch, Member } from '../model/group.ts';
import { findConfiguration } from '../store/configurations.ts';
import { ec2Of } from './clients.ts';

type Ctx = Pick<Platform, 'client' | 'db'>;

const GROUP_TAG = 'aws:autoscaling:groupName';

/** By a filter: what is not there is no error then. */
async function filtered(
  ctx: Ctx,
  group: Group,
  Name: string,
  Values: readonly string[],
): Promise<Instance[]> {
  const command = new DescribeInstancesCommand({ Filters: [{ Name, Values: [...Values] }] });
  const { Reservations = [] } = await ec2Of(ctx, group).send(command);
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

/** How instances are, by their ids; those that are not there are not among them. */
export async function describe(
  ctx: Ctx,
  group: Group,
  ids: readonly string[],
): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  const found = await filtered(ctx, group, 'instance-id', ids);
  return new Map(found.map((instance) => [instance.InstanceId ?? '', instance]));
}

/** What a launch says with the number of its template's version now. @throws where there is none */
export async function pinned(ctx: Ctx, group: Group, launch: Launch): Promise<Launch> {
  if (launch.kind === 'configuration') return launch;
  const { LaunchTemplateVersions: [found] = [] } = await ec2Of(ctx, group).send(
    new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: launch.id,
      Versions: [launch.version ?? '$Default'],
    }),
  );
  return { ...launch, version: String(found?.VersionNumber ?? 0) };
}

/** What a launch configuration says, as a call for instances says it. */
export function runInput({ input }: Configuration): Partial<RunInstancesCommandInput> {
  const profile = input.IamInstanceProfile;
  return {
    ImageId: input.ImageId,
    InstanceType: input.InstanceType as RunInstancesCommandInput['InstanceType'],
    ...(input.KeyName && { KeyName: input.KeyName }),
    ...(input.SecurityGroups?.length && {
      [input.SecurityGroups[0]?.startsWith('sg-') ? 'SecurityGroupIds' : 'SecurityGroups']:
        input.SecurityGroups,
    }),
    ...(input.UserData && { UserData: input.UserData }),
    ...(profile && {
      IamInstanceProfile: profile.startsWith('arn:') ? { Arn: profile } : { Name: profile },
    }),
    // It is what launch configurations have unless they say otherwise.
    Monitoring: { Enabled: input.InstanceMonitoring?.Enabled ?? true },
    ...(input.EbsOptimized && { EbsOptimized: true }),
    ...(input.MetadataOptions && { MetadataOptions: input.MetadataOptions }),
  };
}

/** A call for instances by what a group launches. @throws where its launch configuration is gone */
export async function launchInput(
  ctx: Ctx,
  owner: { accountId: string; region: string },
  launch: Launch,
): Promise<Partial<RunInstancesCommandInput>> {
  if (launch.kind === 'template')
    return {
      LaunchTemplate: { LaunchTemplateId: launch.id, Version: launch.version ?? '$Default' },
    };
  const found = await findConfiguration(ctx.db, owner, launch.name);
  if (!found) throw noConfiguration(launch.name);
  return runInput(found);
}

/** Makes the instance of a slot, once: by the slot as its client token. */
export async function run(ctx: Ctx, group: Group, { slot, body }: Member): Promise<Instance> {
  const { zone, subnet, launch, tags = [], input: said } = body;
  const Tags = [
    ...tags.map(({ key: Key, value: Value }) => ({ Key, Value })),
    { Key: GROUP_TAG, Value: group.name },
  ];
  const input: RunInstancesCommandInput = {
    ...(said ?? (await launchInput(ctx, group, launch))),
    ...{ MinCount: 1, MaxCount: 1, ClientToken: slot },
    ...(subnet === undefined ? { Placement: { AvailabilityZone: zone } } : { SubnetId: subnet }),
    TagSpecifications: [{ ResourceType: 'instance', Tags }],
    // What its group replaces is not brought back as well.
    MaintenanceOptions: { AutoRecovery: 'disabled' },
  };
  const { Instances: [made] = [] } = await ec2Of(ctx, group).send(new RunInstancesCommand(input));
  if (!made) throw new Error('EC2 made no instance');
  return made;
}

/** What was made by a slot's client token, whatever an answer said. */
export async function madeBy(ctx: Ctx, group: Group, slot: string): Promise<Instance | undefined> {
  return (await filtered(ctx, group, 'client-token', [slot]))[0];
}

/** A group's instance goes whether it is protected from calls or not. */
export async function terminate(ctx: Ctx, group: Group, InstanceId: string): Promise<void> {
  const ec2 = ec2Of(ctx, group);
  const command = new TerminateInstancesCommand({ InstanceIds: [InstanceId] });
  try {
    await ec2.send(command);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.name.endsWith('NotFound')) return;
    const DisableApiTermination = { Value: false };
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination }));
    await ec2.send(command);
  }
}

export async function mark(ctx: Ctx, group: Group, id: string): Promise<void> {
  const Tags = [{ Key: GROUP_TAG, Value: group.name }];
  await ec2Of(ctx, group).send(new CreateTagsCommand({ Resources: [id], Tags }));
}

export async function unmark(ctx: Ctx, group: Group, id: string): Promise<void> {
  const Tags = [{ Key: GROUP_TAG }];
  await ec2Of(ctx, group).send(new DeleteTagsCommand({ Resources: [id], Tags }));
}
