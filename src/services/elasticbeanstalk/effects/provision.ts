import type * as vm from '@aws-sdk/client-ec2';
import type {
  Listener,
  LoadBalancer,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from '../../../aws/errors.ts';
import { type Environment, names, type Resources } from '../model/environment.ts';
import { other, type Said } from '../model/events.ts';
import { launchOf } from '../model/launch.ts';
import {
  isBalanced,
  listenersOf,
  listOf,
  NS,
  numberOf,
  settingOf,
  sizeOf,
} from '../model/settings.ts';
import { userData } from '../model/user-data.ts';
import type { Hands } from './clients.ts';

/** Something that an environment says cannot be: its operation fails by it. */
export class CannotProvision extends Error {}

/** Makes all that an environment has; what is there already is found by its name. */
export async function provision(
  hands: Hands,
  environment: Environment,
): Promise<{ resources: Resources; made: Said[]; endpoint?: { address: string; port: number } }> {
  const called = names(environment.id);
  const subnets = await subnetsOf(hands, environment);
  const made: Said[] = [];
  const say = (message: string, text?: string) =>
    made.push({ severity: 'INFO', message, ...(text !== undefined && { told: other(text) }) });
  const resources: Resources = { group: called.group, template: called.template };
  let endpoint: { address: string; port: number } | undefined;
  if (isBalanced(environment)) {
    const group = await targetGroup(hands, environment, called.targetGroup, subnets.vpc);
    say(`Created target group named: ${group.TargetGroupArn}`);
    const balancer = await balancerOf(hands, environment, called.balancer, subnets.balancer);
    const port = await listen(hands, environment, balancer, group);
    const { LoadBalancerArn: arn = '', DNSName: dnsName = '' } = balancer;
    resources.targetGroup = group.TargetGroupArn ?? '';
    resources.balancer = { arn, name: called.balancer, dnsName };
    say(`Created load balancer named: ${arn}`, 'Load balancer created');
    const address = balancer.AvailabilityZones?.[0]?.LoadBalancerAddresses?.[0]?.IpAddress;
    if (address !== undefined) endpoint = { address, port };
  }
  await launchTemplate(hands, environment, called.template);
  await scalingGroup(hands, environment, resources, subnets.instances);
  say(`Created Auto Scaling group named: ${called.group}`, 'Auto Scaling group created');
  return { resources, made, ...(endpoint && { endpoint }) };
}

async function subnetsOf({ ec2, vm: sdk }: Hands, environment: Environment) {
  const { Subnets = [] } = await ec2.send(new sdk.DescribeSubnetsCommand({}));
  const ids = (all: readonly vm.Subnet[]) => all.map(({ SubnetId = '' }) => SubnetId);
  const named = (option: string) => {
    const wanted = listOf(environment, NS.vpc, option);
    for (const id of wanted)
      if (!ids(Subnets).includes(id))
        throw new CannotProvision(`The subnet ID '${id}' does not exist.`);
    return wanted;
  };
  const [own, front] = [named('Subnets'), named('ELBSubnets')];
  const byZone = new Map(Subnets.map((one) => [one.AvailabilityZone, one.SubnetId ?? '']));
  const some = [...byZone.values()].slice(0, 3);
  return {
    vpc: Subnets[0]?.VpcId ?? '',
    instances: own.length > 0 ? own : some,
    balancer: front.length > 0 ? front : own.length > 1 ? own : some,
  };
}

async function targetGroup(
  { balancing, elb }: Hands,
  environment: Environment,
  Name: string,
  VpcId: string,
): Promise<TargetGroup> {
  const text = (name: string) => settingOf(environment, NS.process, name);
  const value = (name: string) => numberOf(environment, NS.process, name);
  try {
    const { TargetGroups = [] } = await balancing.send(
      new elb.DescribeTargetGroupsCommand({ Names: [Name] }),
    );
    if (TargetGroups[0]) return TargetGroups[0];
  } catch (error) {
    if (!isAwsError(error, 'TargetGroupNotFound', 'TargetGroupNotFoundException')) throw error;
  }
  const { TargetGroups = [] } = await balancing.send(
    new elb.CreateTargetGroupCommand({
      ...{ Name, VpcId, Protocol: 'HTTP', Port: value('Port'), TargetType: 'instance' },
      ...{ HealthCheckPath: text('HealthCheckPath'), HealthCheckProtocol: 'HTTP' },
      HealthCheckIntervalSeconds: value('HealthCheckInterval'),
      HealthCheckTimeoutSeconds: value('HealthCheckTimeout'),
      HealthyThresholdCount: value('HealthyThresholdCount'),
      UnhealthyThresholdCount: value('UnhealthyThresholdCount'),
      Matcher: { HttpCode: text('MatcherHTTPCode') },
      Tags: tagsFor(environment),
    }),
  );
  const [made] = TargetGroups;
  if (!made) throw new Error('There is no target group that was made');
  await balancing.send(
    new elb.ModifyTargetGroupAttributesCommand({
      TargetGroupArn: made.TargetGroupArn,
      Attributes: [
        { Key: 'deregistration_delay.timeout_seconds', Value: text('DeregistrationDelay') },
        { Key: 'stickiness.enabled', Value: text('StickinessEnabled') },
      ],
    }),
  );
  return made;
}

async function balancerOf(
  { balancing, elb }: Hands,
  environment: Environment,
  Name: string,
  Subnets: string[],
): Promise<LoadBalancer> {
  // Twice the same is one.
  const { LoadBalancers = [] } = await balancing.send(
    new elb.CreateLoadBalancerCommand({
      ...{ Name, Subnets, Type: 'application', Tags: tagsFor(environment) },
      Scheme:
        settingOf(environment, NS.vpc, 'ELBScheme') === 'internal' ? 'internal' : 'internet-facing',
    }),
  );
  const [made] = LoadBalancers;
  if (!made) throw new Error('There is no load balancer that was made');
  return made;
}

/** @returns the port of the first listener */
async function listen(
  { balancing, elb }: Hands,
  environment: Environment,
  { LoadBalancerArn }: LoadBalancer,
  { TargetGroupArn }: TargetGroup,
): Promise<number> {
  const { Listeners = [] } = await balancing.send(
    new elb.DescribeListenersCommand({ LoadBalancerArn }),
  );
  const ports = listenersOf(environment);
  const [first] = ports;
  if (first === undefined)
    throw new CannotProvision('The environment has no listener: enable one of aws:elbv2:listener.');
  for (const Port of ports) {
    if (Listeners.some((one: Listener) => one.Port === Port)) continue;
    await balancing.send(
      new elb.CreateListenerCommand({
        ...{ LoadBalancerArn, Port, Protocol: 'HTTP' },
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
  }
  return first;
}

const tagsFor = ({ id, name, body }: Environment) => [
  { Key: 'elasticbeanstalk:environment-id', Value: id },
  { Key: 'elasticbeanstalk:environment-name', Value: name },
  { Key: 'Name', Value: name },
  ...Object.entries(body.tags)
    .filter(([key]) => key !== 'Name')
    .slice(0, 45)
    .map(([Key, Value]) => ({ Key, Value })),
];

async function imageOf({ ec2, vm: sdk }: Hands, environment: Environment): Promise<string> {
  const given = settingOf(environment, NS.launch, 'ImageId');
  if (given !== '') return given;
  const Filters = [{ Name: 'name', Values: ['al2023-ami-2023.*'] }];
  const { Images = [] } = await ec2.send(new sdk.DescribeImagesCommand({ Filters }));
  const found = Images.find(({ ImageOwnerAlias }) => ImageOwnerAlias === 'amazon') ?? Images[0];
  if (!found?.ImageId) throw new CannotProvision('There is no AMI of Amazon Linux 2023.');
  return found.ImageId;
}

async function launchTemplate(
  hands: Hands,
  environment: Environment,
  LaunchTemplateName: string,
): Promise<void> {
  const { ec2, vm: sdk } = hands;
  const loose = settingOf(environment, NS.launch, 'DisableIMDSv1') === 'false';
  const data: vm.RequestLaunchTemplateData = {
    ImageId: await imageOf(hands, environment),
    UserData: Buffer.from(userData(environment.id)).toString('base64'),
    MetadataOptions: { HttpTokens: loose ? 'optional' : 'required' },
    ...launchOf(environment),
  };
  try {
    await ec2.send(
      new sdk.CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }),
    );
  } catch (error) {
    if (!isAwsError(error, 'InvalidLaunchTemplateName.AlreadyExistsException')) throw error;
  }
}

async function scalingGroup(
  { autoscaling, asg }: Hands,
  environment: Environment,
  { group, template, targetGroup: target }: Resources,
  subnets: string[],
): Promise<void> {
  const { least, most } = sizeOf(environment);
  try {
    await autoscaling.send(
      new asg.CreateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        LaunchTemplate: { LaunchTemplateName: template, Version: '$Latest' },
        ...{ MinSize: least, MaxSize: most, DesiredCapacity: least },
        DefaultCooldown: numberOf(environment, NS.group, 'Cooldown'),
        VPCZoneIdentifier: subnets.join(','),
        ...(target !== undefined && { TargetGroupARNs: [target] }),
        Tags: tagsFor(environment).map((tag) => ({ ...tag, PropagateAtLaunch: true })),
      }),
    );
  } catch (error) {
    if (!isAwsError(error, 'AlreadyExists', 'AlreadyExistsFault')) throw error;
  }
}

/** The group has the sizes of its environment from now on. */
export async function resize({ autoscaling, asg }: Hands, environment: Environment): Promise<void> {
  const { least, most } = sizeOf(environment);
  await autoscaling.send(
    new asg.UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: names(environment.id).group,
      ...{ MinSize: least, MaxSize: most },
      DefaultCooldown: numberOf(environment, NS.group, 'Cooldown'),
    }),
  );
}
