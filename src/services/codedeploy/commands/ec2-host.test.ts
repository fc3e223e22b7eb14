import { expect, test } from 'vitest';
import type { Principal } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { callingInstance } from './ec2-host.ts';

const [accountId, region, id] = ['111122223333', 'us-east-1', 'i-0123456789abcdef0'];
const roleArn = `arn:aws:iam::${accountId}:role/web`;
const profileArn = `arn:aws:iam::${accountId}:instance-profile/web`;
const arnOf = (instance: string) => `arn:aws:ec2:${region}:${accountId}:instance/${instance}`;

/** What EC2 and IAM say of the instance and its profile. */
const said: Record<string, object> = {
  DescribeInstancesCommand: {
    Reservations: [
      { Instances: [{ State: { Name: 'running' }, IamInstanceProfile: { Arn: profileArn } }] },
    ],
  },
  GetInstanceProfileCommand: { InstanceProfile: { Arn: profileArn, Roles: [{ Arn: roleArn }] } },
};

const caller = (issuedTo?: { service: string; sourceArn: string }): Principal => ({
  ...{ type: 'assumed-role', accountId, roleArn, roleName: 'web', sessionName: id },
  ...{ arn: `arn:aws:sts::${accountId}:assumed-role/web/${id}`, userId: `AROA:${id}` },
  ...(issuedTo && { issuedTo }),
});

const ask = (principal: Principal) =>
  callingInstance({
    ...{ principal, accountId, region, credentials: {}, clock: { now: () => new Date(0) } },
    client: () => ({ send: async (command: object) => said[command.constructor.name] }),
  } as unknown as ServiceContext);

const service = 'ec2.amazonaws.com';
test.each([
  ['that EC2 has made for the instance is the instance', { service, sourceArn: arnOf(id) }, id],
  ['that somebody has named so is not', undefined, undefined],
  ['that another service has made is not', { service: 'x', sourceArn: arnOf(id) }, undefined],
  ['of another instance is not', { service, sourceArn: arnOf('i-00000000') }, undefined],
])('a session %s', async (_words, issuedTo, expected) => {
  expect(await ask(caller(issuedTo))).toBe(expected);
});
