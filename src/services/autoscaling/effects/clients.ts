import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Platform } from '../../../kit/service.ts';
import { arnOf } from '../model/group.ts';

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

type Ctx = Pick<Platform, 'client'>;
/** For which group a call is made; `*` where it is not there yet. */
type Of = Parameters<typeof arnOf>[0];

const itself = (group: Of, may: readonly string[]) => ({
  ...{ service: SERVICE_PRINCIPAL, sourceArn: arnOf(group), region: group.region, may },
});

export const ec2Of = ({ client }: Ctx, group: Of) => client(EC2Client, itself(group, MAY_EC2));
export const elbOf = ({ client }: Ctx, group: Of) =>
  client(ElasticLoadBalancingV2Client, itself(group, MAY_ELB));
