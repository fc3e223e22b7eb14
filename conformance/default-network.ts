import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { TestServer } from './server.ts';

/** The default VPC of a server, and two subnets of it. */
export async function defaultNetwork({
  client,
}: Pick<TestServer, 'client'>): Promise<{ vpc: string; subnets: [string, string] }> {
  const ec2 = new EC2Client(client);
  const { Subnets: [one, other] = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  ec2.destroy();
  return { vpc: one?.VpcId ?? '', subnets: [one?.SubnetId ?? '', other?.SubnetId ?? ''] };
}
