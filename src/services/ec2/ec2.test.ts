import * as ec2 from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import { loadTagged } from './compute/serve.ts';
import service from './index.ts';
import { makeMetadata } from './metadata/service.ts';
import { makeMachines } from './testing.ts';

eachDialect('EC2', (makeDatabase) => {
  let server: World;
  let client: ec2.EC2Client;
  let ImageId: string | undefined;

  beforeEach(async () => {
    server = await world(makeDatabase, [service], { executor: makeMachines().executor });
    client = server.client(ec2.EC2Client);
    ({ ImageId } = await client.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }),
    ));
  });

  const run = async (more: Partial<ec2.RunInstancesCommandInput> = {}) => {
    const input = { ImageId, MinCount: 1, MaxCount: 1, ...more };
    const { Instances = [] } = await client.send(new ec2.RunInstancesCommand(input));
    return Instances.map(({ InstanceId = '' }) => InstanceId);
  };

  async function makeProfile(name: string): Promise<void> {
    const iam = server.client(IAMClient);
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...trust, Principal: { Service: 'ec2.amazonaws.com' } }],
    });
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    const InstanceProfileName = name;
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: name }));
  }

  it('makes instances once for a client token, and lists them by filters and pages', async () => {
    const TagSpecifications: ec2.TagSpecification[] = [
      { ResourceType: 'instance', Tags: [{ Key: 'Role', Value: 'web' }] },
    ];
    const input = { ClientToken: 'one', MinCount: 2, MaxCount: 2, TagSpecifications };
    const made = await run(input);
    expect(made).toHaveLength(2);
    expect((await run(input)).sort()).toEqual([...made].sort());
    await expect(run({ ...input, MaxCount: 3 })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
    await run();
    const list = async (more: ec2.DescribeInstancesCommandInput) => {
      const answer = await client.send(new ec2.DescribeInstancesCommand(more));
      const all = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
      return { ids: all.map(({ InstanceId = '' }) => InstanceId), next: answer.NextToken };
    };
    const Filters = [{ Name: 'tag:Role', Values: ['w*'] }];
    expect((await list({ Filters })).ids.sort()).toEqual([...made].sort());
    const first = await list({ MaxResults: 2 });
    expect(first.ids).toHaveLength(2);
    const rest = await list({ MaxResults: 5, NextToken: first.next });
    expect(new Set([...first.ids, ...rest.ids]).size).toBe(3);
    await expect(list({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(list({ Filters: [{ Name: 'no', Values: ['x'] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    const absent = { InstanceIds: ['i-0123456789abcdef0'] };
    await expect(list(absent)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    expect(server.failures).toEqual([]);
  });

  it.each([
    [{ DryRun: true }, 'DryRunOperation'],
    [{ KeyName: 'mine' }, 'InvalidKeyPair.NotFound'],
    [
      { LaunchTemplate: { LaunchTemplateName: 'x' } },
      'InvalidLaunchTemplateName.NotFoundException',
    ],
    [
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x' }] }] },
      'InvalidParameterValue',
    ],
    [{ BlockDeviceMappings: [{ DeviceName: '/dev/sdb' }] }, 'NotImplemented'],
    [{ ImageId: 'ami-0123456789abcdef0' }, 'InvalidAMIID.NotFound'],
    [{ ImageId: 'debian:12' }, 'InvalidAMIID.Malformed'],
    [{ InstanceType: 'p5.48xlarge' }, 'InvalidParameterValue'],
    [{ SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    [{ UserData: Buffer.from('#cloud-config').toString('base64') }, 'NotImplemented'],
    [{ MinCount: 2 }, 'InvalidParameterCombination'],
    [{ IamInstanceProfile: { Name: 'none' } }, 'InvalidParameterValue'],
    [
      { IamInstanceProfile: { Arn: 'arn:aws:iam::222222222222:instance-profile/x' } },
      'InvalidParameterValue',
    ],
  ] as [Partial<ec2.RunInstancesCommandInput>, string][])(
    'refuses %j by %s',
    async (more, name) => {
      await expect(run(more)).rejects.toMatchObject({ name });
      expect((await client.send(new ec2.DescribeInstancesCommand({}))).Reservations).toEqual([]);
      expect(server.failures).toEqual([]);
    },
  );

  it('gives a profile to those alone who may pass its role; a role that is handed out stays', async () => {
    await makeProfile('web');
    server.denied.add('iam:PassRole');
    const IamInstanceProfile = { Name: 'web' };
    await expect(run({ IamInstanceProfile })).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
    });
    const deleting = server.client(IAMClient).send(new DeleteRoleCommand({ RoleName: 'web' }));
    await expect(deleting).rejects.toMatchObject({ name: 'DeleteConflictException' });
  });

  it('answers an instance with its own metadata, by tokens of its own', async () => {
    await makeProfile('web');
    const [one = '', two = ''] = await run({
      ...{ MinCount: 2, MaxCount: 2, IamInstanceProfile: { Name: 'web' } },
    });
    const of = (id: string) => {
      const place = { accountId: ACCOUNT, region: REGION, id };
      return makeMetadata(server.platform, () => loadTagged(server.platform, place));
    };
    const [mine, theirs] = [of(one), of(two)];
    const ttl = 'x-aws-ec2-metadata-token-ttl-seconds';
    const put = (url: string, headers: Record<string, string>) =>
      mine({ method: 'PUT', url, headers });
    const token = String((await put('/latest/api/token', { [ttl]: '60' })).body);
    const header = 'x-aws-ec2-metadata-token';
    const get = async (url: string, with_ = token, more = {}, from = mine) =>
      from({ method: 'GET', url, headers: { [header]: with_, ...more } });
    const path = '/latest/meta-data/iam/security-credentials/web';
    const said = JSON.parse(String((await get(path)).body));
    expect(said).toMatchObject({ Code: 'Success', Type: 'AWS-HMAC' });
    // Another's token, a forged one, one that is sent on, none.
    expect((await get(path, token, {}, theirs)).status).toBe(401);
    expect((await get(path, token.slice(4))).status).toBe(401);
    expect((await get(path, token, { 'x-forwarded-for': '10.0.0.1' })).status).toBe(403);
    expect((await mine({ method: 'GET', url: path, headers: {} })).status).toBe(401);
    for (const seconds of ['0', '21601', 'x', ''])
      expect((await put('/latest/api/token', { [ttl]: seconds })).status).toBe(400);
    expect((await put('/latest/meta-data', { [ttl]: '60' })).status).toBe(405);
    expect((await mine({ method: 'POST', url: path, headers: {} })).status).toBe(405);
    for (const url of [
      '/etc/passwd',
      '/latest/../x',
      '/latest/meta-data/iam/security-credentials/other',
    ])
      expect((await get(url)).status).toBe(404);
    // Its time is over, and so are credentials before their end.
    server.clock.advance(61_000);
    expect((await get(path)).status).toBe(401);
    await client.send(
      new ec2.ModifyInstanceMetadataOptionsCommand({ InstanceId: one, HttpEndpoint: 'disabled' }),
    );
    expect((await put('/latest/api/token', { [ttl]: '60' })).status).toBe(403);
    expect(server.failures).toEqual([]);
  });

  it('keeps security groups, tags and the default VPC', async () => {
    const { Vpcs = [] } = await client.send(
      new ec2.DescribeVpcsCommand({ Filters: [{ Name: 'isDefault', Values: ['true'] }] }),
    );
    const VpcId = Vpcs[0]?.VpcId;
    const named = { GroupName: 'web', Description: 'web', VpcId };
    const { GroupId = '' } = await client.send(new ec2.CreateSecurityGroupCommand(named));
    const rule = { GroupId, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' };
    await client.send(new ec2.AuthorizeSecurityGroupIngressCommand(rule));
    const again = client.send(new ec2.AuthorizeSecurityGroupIngressCommand(rule));
    await expect(again).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    await client.send(new ec2.RevokeSecurityGroupIngressCommand(rule));
    const Tags = [{ Key: 'Role', Value: 'web' }];
    await client.send(new ec2.CreateTagsCommand({ Resources: [GroupId, VpcId ?? ''], Tags }));
    const { Tags: all } = await client.send(new ec2.DescribeTagsCommand({}));
    expect(all).toHaveLength(2);
    const [id = ''] = await run({ SecurityGroupIds: [GroupId] });
    const deleting = client.send(new ec2.DeleteSecurityGroupCommand({ GroupId }));
    await expect(deleting).rejects.toMatchObject({ name: 'DependencyViolation' });
    const Resources = ['i-0123456789abcdef0'];
    const nothing = client.send(new ec2.CreateTagsCommand({ Resources, Tags }));
    await expect(nothing).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    const { Subnets } = await client.send(new ec2.DescribeSubnetsCommand({}));
    expect(Subnets).toHaveLength(3);
    expect(id).toMatch(/^i-/);
    expect(server.failures).toEqual([]);
  });
});
