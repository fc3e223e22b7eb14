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
import { withEc2 } from './clients.ts';

type Ctx = Pick<Platform, 'client' | 'db'>;

export const GROUP_TAG = 'aws:autoscaling:groupName';

/** How an instance is; undefined where there is none of that id. */
export async function describe(
  ctx: Ctx,
  group: Group,
  ids: readonly string[],
): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  // By a filter: ids that are not there are no error then.
  const Filters = [{ Name: 'instance-id', Values: [...ids] }];
  const { Reservations = [] } = await withEc2(ctx, group, (ec2) =>
    ec2.send(new DescribeInstancesCommand({ Filters })),
  );
  const found = Reservations.flatMap(({ Instances = [] }) => Instances);
  return new Map(found.map((instance) => [instance.InstanceId ?? '', instance]));
}

/** What a launch says with the number of its template's version now. @throws where there is none */
export async function pinned(ctx: Ctx, group: Group, launch: Launch): Promise<Launch> {
  if (launch.kind === 'configuration') return launch;
  const { LaunchTemplateVersions: [found] = [] } = await withEc2(ctx, group, (ec2) =>
    ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: launch.id,
        Versions: [launch.version ?? '$Default'],
      }),
    ),
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
    ...(input.InstanceMonitoring?.Enabled && { Monitoring: { Enabled: true } }),
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
  const { zone, subnet, launch, tags = [] } = body;
  const Tags = [
    ...tags.map(({ key: Key, value: Value }) => ({ Key, Value })),
    { Key: GROUP_TAG, Value: group.name },
  ];
  const input: RunInstancesCommandInput = {
    ...(await launchInput(ctx, group, launch)),
    ...{ MinCount: 1, MaxCount: 1, ClientToken: slot },
    ...(subnet === undefined ? { Placement: { AvailabilityZone: zone } } : { SubnetId: subnet }),
    TagSpecifications: [{ ResourceType: 'instance', Tags }],
    // What its group replaces is not brought back as well.
    MaintenanceOptions: { AutoRecovery: 'disabled' },
  };
  const { Instances: [made] = [] } = await withEc2(ctx, group, (ec2) =>
    ec2.send(new RunInstancesCommand(input)),
  );
  if (!made) throw new Error('EC2 made no instance');
  return made;
}

/** A group's instance goes whether it is protected from calls or not. */
export async function terminate(ctx: Ctx, group: Group, id: string): Promise<void> {
  await withEc2(ctx, group, async (ec2) => {
    try {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    } catch (error) {
      if (!isRefusal(error) || error.name.endsWith('NotFound')) {
        if (isRefusal(error)) return;
        throw error;
      }
      const DisableApiTermination = { Value: false };
      await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination }));
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    }
  });
}

export async function mark(ctx: Ctx, group: Group, id: string): Promise<void> {
  const Tags = [{ Key: GROUP_TAG, Value: group.name }];
  await withEc2(ctx, group, (ec2) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags })));
}

export async function unmark(ctx: Ctx, group: Group, id: string): Promise<void> {
  const Tags = [{ Key: GROUP_TAG }];
  await withEc2(ctx, group, (ec2) => ec2.send(new DeleteTagsCommand({ Resources: [id], Tags })));
}
