import { formatArn } from '../../../aws/arn.ts';

interface Place {
  accountId: string;
  region: string;
  partition?: string;
}

const ID = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** Is it the id of an EC2 instance, rather than the name of an on-premises one? */
export const isEc2Instance = (name: string): boolean => ID.test(name);

/** Also the host identifier of an agent on it (CD-AGT-07). */
export const ec2InstanceArn = (place: Place, id: string): string =>
  formatArn({ ...place, service: 'ec2', resource: `instance/${id}` });
