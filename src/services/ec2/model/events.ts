import type { NewEvent } from '../../../engine/events.ts';
import type { Instance, InstanceState } from './instance.ts';

export const instanceArn = (
  { accountId, region }: { accountId: string; region: string },
  id: string,
) => `arn:aws:ec2:${region}:${accountId}:instance/${id}`;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
export const stateChange = (
  instance: Pick<Instance, 'accountId' | 'region' | 'id'>,
  state: InstanceState,
): NewEvent => ({
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  account: instance.accountId,
  region: instance.region,
  resources: [instanceArn(instance, instance.id)],
  detail: { 'instance-id': instance.id, state },
});
