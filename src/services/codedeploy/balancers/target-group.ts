import type {
  ElasticLoadBalancingV2Client,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../aws/errors.ts';
import type { Balancer, Standing } from './balancer.ts';

/** A target group of application and network load balancers, under a deployment group's role. */
export function targetGroup(elb: ElasticLoadBalancingV2Client, name: string): Balancer {
  const label = `the target group ${name}`;
  const sdk = () => import('@aws-sdk/client-elastic-load-balancing-v2');
  const look = async () => {
    const { DescribeTargetGroupsCommand } = await sdk();
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [name] }));
    const [group] = TargetGroups ?? [];
    if (group) return group;
    throw new AwsError('TargetGroupNotFound', `One or more target groups not found: ${name}`);
  };
  let found: ReturnType<typeof look> | undefined;
  /** Once: its ARN stays what it is. */
  const find = () => {
    found ??= look();
    return found;
  };
  const registered = async (instance: string) => {
    const { DescribeTargetHealthCommand } = await sdk();
    const { TargetGroupArn } = await find();
    const health = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return (health.TargetHealthDescriptions ?? []).filter(({ Target }) => Target?.Id === instance);
  };
  return {
    label,
    async check() {
      const { TargetType } = await find();
      if (TargetType !== 'instance')
        throw new AwsError(
          'InvalidTargetGroup',
          `The targets of ${label} are of the type ${TargetType}, and have to be of the type instance.`,
        );
    },
    standing: async (instance) => standingOf(await registered(instance)),
    async putIn(instance) {
      const { RegisterTargetsCommand } = await sdk();
      const { TargetGroupArn } = await find();
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: instance }] }));
    },
    async takeOut(instance) {
      const { DeregisterTargetsCommand } = await sdk();
      // On whichever ports it is.
      const Targets = (await registered(instance))
        .filter(({ TargetHealth }) => TargetHealth?.State !== 'draining')
        .map(({ Target }) => ({ Id: instance, Port: Target?.Port }));
      if (Targets.length === 0) return;
      const { TargetGroupArn } = await find();
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    },
  };
}

/** The worst of the ports on which it is registered counts. */
function standingOf(targets: readonly TargetHealthDescription[]): Standing {
  const states = targets.map(({ TargetHealth }) => TargetHealth ?? {});
  const staying = states.filter(({ State }) => State !== 'draining');
  if (states.length === 0) return { state: 'out' };
  if (staying.length === 0) return { state: 'leaving' };
  const unused = staying.find(({ State }) => State === 'unused');
  if (unused) return { state: 'never', ...(unused.Description && { reason: unused.Description }) };
  const ill = staying.find(({ State }) => State !== 'healthy' && State !== 'unavailable');
  if (!ill) return { state: 'in' };
  return { state: 'entering', reason: ill.Description ?? ill.State ?? 'unknown' };
}
