import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActAs, ClientClass, Platform } from '../../../kit/platform.ts';
import { type Environment, environmentArn } from '../model/environment.ts';
import { SERVICE_PRINCIPAL } from '../reconcilers/names.ts';

/** What is made for an environment, and so what its maker has to have the right to do, or its operations role. */
export const PROVISIONS: { action: string; balancer?: true }[] = [
  { action: 'ec2:CreateLaunchTemplate' },
  { action: 'ec2:RunInstances' },
  { action: 'autoscaling:CreateAutoScalingGroup' },
  { action: 'elasticloadbalancing:CreateLoadBalancer', balancer: true },
  { action: 'elasticloadbalancing:CreateTargetGroup', balancer: true },
  { action: 'elasticloadbalancing:CreateListener', balancer: true },
];

/** The service itself works for an environment: its maker's rights were asked about when he made it. */
const MAY = [
  ...PROVISIONS.map(({ action }) => action),
  ...['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteAutoScalingGroup'],
  ...['autoscaling:DescribeAutoScalingGroups', 'autoscaling:UpdateAutoScalingGroup'],
  ...['ec2:CreateTags', 'ec2:DeleteLaunchTemplate', 'ec2:DescribeImages', 'ec2:DescribeInstances'],
  ...['ec2:DescribeLaunchTemplates', 'ec2:DescribeLaunchTemplateVersions'],
  ...['ec2:DescribeSubnets', 'ec2:DescribeVpcs', 'ec2:DescribeInstanceTypes'],
  ...['elasticloadbalancing:AddTags', 'elasticloadbalancing:DeleteLoadBalancer'],
  ...['elasticloadbalancing:DeleteTargetGroup', 'elasticloadbalancing:DeregisterTargets'],
  ...['elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeLoadBalancers'],
  ...['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
  ...['elasticloadbalancing:ModifyTargetGroupAttributes', 'elasticloadbalancing:RegisterTargets'],
  ...['iam:PassRole', 'iam:GetInstanceProfile', 'iam:CreateServiceLinkedRole'],
];

/** For whom an environment's work is done: under its operations role where it has one, else as the service. */
export function workerOf(environment: Environment): ActAs {
  const { region, body, id } = environment;
  const service = SERVICE_PRINCIPAL;
  const sourceArn = environmentArn(environment, environment);
  const { operationsRole: roleArn } = body;
  if (roleArn !== undefined)
    return { service, roleArn, sourceArn, sessionName: `elasticbeanstalk-${id}`, region };
  return { service, sourceArn, region, may: MAY };
}

/** Client packages are large: those of other services are loaded when an environment needs them. */
export interface Hands {
  autoscaling: AutoScalingClient;
  asg: typeof import('@aws-sdk/client-auto-scaling');
  ec2: EC2Client;
  vm: typeof import('@aws-sdk/client-ec2');
  balancing: ElasticLoadBalancingV2Client;
  elb: typeof import('@aws-sdk/client-elastic-load-balancing-v2');
}

export async function handsOf(
  platform: Pick<Platform, 'client'>,
  environment: Environment,
): Promise<Hands> {
  const as = workerOf(environment);
  const [asg, vm, elb] = await Promise.all([
    import('@aws-sdk/client-auto-scaling'),
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-elastic-load-balancing-v2'),
  ]);
  const client = <T extends { destroy(): void }>(Client: ClientClass<T>) =>
    platform.client(Client, as);
  return {
    ...{ asg, vm, elb },
    autoscaling: client(asg.AutoScalingClient),
    ec2: client(vm.EC2Client),
    balancing: client(elb.ElasticLoadBalancingV2Client),
  };
}
