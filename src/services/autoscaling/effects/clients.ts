import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Platform } from '../../../kit/service.ts';
import { arnOf, type Group } from '../model/group.ts';

/** As what groups call others, and whom roles of hooks trust. */
export const SERVICE_PRINCIPAL = 'autoscaling.amazonaws.com';

/** What AWS's AutoScalingServiceRolePolicy lets it do in the account of a group. */
const MAY_EC2 = [
  ...['ec2:RunInstances', 'ec2:TerminateInstances', 'ec2:DescribeInstances', 'ec2:CreateTags'],
  ...['ec2:DeleteTags', 'ec2:DescribeLaunchTemplateVersions', 'ec2:DescribeSubnets'],
  ...['ec2:ModifyInstanceAttribute', 'ec2:DescribeAvailabilityZones', 'iam:PassRole'],
  'ec2:DescribeLaunchTemplates',
];
const MAY_ELB = [
  ...['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
  ...['elasticloadbalancing:DescribeTargetHealth', 'elasticloadbalancing:DescribeTargetGroups'],
];

const itself = (group: Group, may: readonly string[]) => ({
  ...{ service: SERVICE_PRINCIPAL, sourceArn: arnOf(group), region: group.region, may },
});

type Ctx = Pick<Platform, 'client'>;

export async function withEc2<T>(
  ctx: Ctx,
  group: Group,
  use: (ec2: EC2Client) => Promise<T>,
): Promise<T> {
  const ec2 = ctx.client(EC2Client, itself(group, MAY_EC2));
  try {
    return await use(ec2);
  } finally {
    ec2.destroy();
  }
}

export async function withElb<T>(
  ctx: Ctx,
  group: Group,
  use: (elb: ElasticLoadBalancingV2Client) => Promise<T>,
): Promise<T> {
  const elb = ctx.client(ElasticLoadBalancingV2Client, itself(group, MAY_ELB));
  try {
    return await use(elb);
  } finally {
    elb.destroy();
  }
}
