import { once } from 'node:events';
import { connect } from 'node:tls';
import {
  AddListenerCertificatesCommand,
  AddTagsCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeSSLPoliciesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerAttributesCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  RemoveListenerCertificatesCommand,
  RemoveTagsCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteServerCertificateCommand,
  IAMClient,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { testCertificate } from '../../testing/test-certificate.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const [certificate, other] = [testCertificate('first.test'), testCertificate('second.test')];

eachDialect('Elastic Load Balancing', (makeDatabase) => {
  let server: World;
  let elb: ElasticLoadBalancingV2Client;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    // Listeners are open when the call that makes them has answered.
    await server.start();
    elb = server.client(ElasticLoadBalancingV2Client);
  });
  afterEach(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const Subnets = ['subnet-1', 'subnet-2'];
  const fixed = [
    {
      Type: 'fixed-response' as const,
      FixedResponseConfig: { StatusCode: '200', MessageBody: 'hi' },
    },
  ];
  async function balancer(Name = 'web') {
    const made = await elb.send(new CreateLoadBalancerCommand({ Name, Subnets }));
    const [{ LoadBalancerArn = '', AvailabilityZones = [] } = {}] = made.LoadBalancers ?? [];
    return {
      arn: LoadBalancerArn,
      address: AvailabilityZones[0]?.LoadBalancerAddresses?.[0]?.IpAddress ?? '',
    };
  }
  async function group(Name = 'group', more: Partial<CreateTargetGroupCommandInput> = {}) {
    const made = await elb.send(
      new CreateTargetGroupCommand({
        Name,
        Protocol: 'HTTP',
        Port: 9,
        VpcId: 'vpc-1',
        TargetType: 'ip',
        ...more,
      }),
    );
    return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
  }
  async function listener(LoadBalancerArn: string, more: Partial<CreateListenerCommandInput> = {}) {
    const given = {
      LoadBalancerArn,
      Protocol: 'HTTP' as const,
      Port: 18_090,
      DefaultActions: fixed,
      ...more,
    };
    return (await elb.send(new CreateListenerCommand(given))).Listeners?.[0]?.ListenerArn ?? '';
  }
  const forward = (...arns: string[]) => [
    {
      Type: 'forward' as const,
      ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn })) },
    },
  ];
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      ({ name }: Error) => name.replace(/Exception$/, ''),
    );
  const states = async (TargetGroupArn: string) =>
    (
      (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })))
        .TargetHealthDescriptions ?? []
    ).map(({ TargetHealth }) => TargetHealth?.State);

  it('makes the same load balancer once, and another one of its name never', async () => {
    const { arn } = await balancer();
    expect((await balancer()).arn).toBe(arn);
    const other = new CreateLoadBalancerCommand({ Name: 'web', Subnets, Scheme: 'internal' });
    expect(await code(elb.send(other))).toBe('DuplicateLoadBalancerName');
    expect(
      await code(elb.send(new CreateLoadBalancerCommand({ Name: 'x', Subnets: ['subnet-1'] }))),
    ).toBe('ValidationError');
    const gone = new DescribeLoadBalancersCommand({ Names: ['nobody'] });
    expect(await code(elb.send(gone))).toBe('LoadBalancerNotFound');
    const on = [{ Key: 'deletion_protection.enabled', Value: 'true' }];
    await elb.send(
      new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes: on }),
    );
    expect(await code(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn })))).toBe(
      'OperationNotPermitted',
    );
  });

  it('answers on its address as soon as its listener is made, and no longer once it is deleted', async () => {
    const { arn, address } = await balancer();
    const made = await listener(arn);
    expect(await (await fetch(`http://${address}:18090/`)).text()).toBe('hi');
    expect(await code(listener(arn))).toBe('DuplicateListener');
    const described = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
    expect(described.Listeners?.map(({ ListenerArn }) => ListenerArn)).toEqual([made]);
    const { LoadBalancers } = await elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }),
    );
    expect(LoadBalancers?.[0]?.State).toEqual({ Code: 'active' });
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    const open = () =>
      fetch(`http://${address}:18090/`).then(
        () => true,
        () => false,
      );
    await expect.poll(open).toBe(false);
  });

  it('says why a listener cannot be, and has none then', async () => {
    const { arn, address } = await balancer();
    const { createServer } = await import('node:net');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(18_091, address, resolve));
    const refused = listener(arn, { Port: 18_091 });
    await expect(refused).rejects.toThrow(`port 18091 of ${address} is in use by another program`);
    taken.close();
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
    expect(Listeners).toEqual([]);
    await expect(listener(arn, { Protocol: 'HTTPS' })).rejects.toThrow(
      'A certificate must be specified for HTTPS listeners',
    );
    await expect(listener(arn, { Protocol: 'UDP' })).rejects.toThrow(
      "must be one of 'HTTP, HTTPS'",
    );
  });

  it('has HTTPS listeners with certificates of IAM, which are not deleted while they are used', async () => {
    const iam = server.client(IAMClient);
    const { arn, address } = await balancer();
    const upload = async (ServerCertificateName: string, { cert, key } = certificate) =>
      (
        await iam.send(
          new UploadServerCertificateCommand({
            ...{ ServerCertificateName, CertificateBody: cert, PrivateKey: key },
          }),
        )
      ).ServerCertificateMetadata?.Arn ?? '';
    const [first, second] = [await upload('first'), await upload('second', other)];
    const https = { Protocol: 'HTTPS' as const, Port: 18_093 };
    const unknown = [{ CertificateArn: `${first}x` }];
    expect(await code(listener(arn, { ...https, Certificates: unknown }))).toBe(
      'CertificateNotFound',
    );
    const Certificates = [{ CertificateArn: first }];
    const fips = 'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04';
    await expect(listener(arn, { ...https, Certificates, SslPolicy: fips })).rejects.toThrow(
      `does not support the SSL policy ${fips}`,
    );
    const ListenerArn = await listener(arn, { ...https, Certificates });
    const more = { ListenerArn, Certificates: [{ CertificateArn: second }] };
    await elb.send(new AddListenerCertificatesCommand(more));
    const shows = async (servername: string) => {
      const rejectUnauthorized = false;
      const socket = connect({ host: address, port: 18_093, servername, rejectUnauthorized });
      await once(socket, 'secureConnect');
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    expect(await shows('first.test')).toBe('first.test');
    await expect.poll(() => shows('second.test')).toBe('second.test');
    const described = new DescribeListenerCertificatesCommand({ ListenerArn });
    expect((await elb.send(described)).Certificates).toEqual([
      { CertificateArn: first, IsDefault: true },
      { CertificateArn: second, IsDefault: false },
    ]);
    const remove = (ServerCertificateName: string) =>
      code(iam.send(new DeleteServerCertificateCommand({ ServerCertificateName })));
    expect(await remove('second')).toBe('DeleteConflict');
    const usual = { ListenerArn, Certificates };
    expect(await code(elb.send(new RemoveListenerCertificatesCommand(usual)))).toBe(
      'OperationNotPermitted',
    );
    await elb.send(new RemoveListenerCertificatesCommand(more));
    expect(await remove('second')).toBe('none');
    // A listener of HTTP that leads there.
    const to = { Protocol: 'HTTPS', Port: '18093', StatusCode: 'HTTP_301' as const };
    await listener(arn, { DefaultActions: [{ Type: 'redirect', RedirectConfig: to }] });
    const moved = await fetch(`http://${address}:18090/x`, { redirect: 'manual' });
    expect(moved.headers.get('location')).toBe(`https://${address}:18093/x`);
    const key = 'routing.http.response.x_frame_options.header_value';
    const set = { ListenerArn, Attributes: [{ Key: key, Value: 'DENY' }] };
    const { Attributes } = await elb.send(new ModifyListenerAttributesCommand(set));
    expect(Attributes).toContainEqual({ Key: key, Value: 'DENY' });
    const { SslPolicies = [] } = await elb.send(new DescribeSSLPoliciesCommand({}));
    expect(SslPolicies[0]).toMatchObject({ Name: expect.stringContaining('ELBSecurityPolicy-') });
  });

  it('has a group for one load balancer, and keeps one that is used', async () => {
    const [one, other] = [await balancer('one'), await balancer('other')];
    const arn = await group();
    await listener(one.arn, { DefaultActions: forward(arn) });
    expect(await code(listener(other.arn, { DefaultActions: forward(arn) }))).toBe(
      'TargetGroupAssociationLimit',
    );
    expect(await code(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })))).toBe(
      'ResourceInUse',
    );
    const tcp = await group('tcp', { Protocol: 'TCP' });
    expect(await code(listener(one.arn, { Port: 18_092, DefaultActions: forward(tcp) }))).toBe(
      'IncompatibleProtocols',
    );
    const users = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: one.arn }));
    expect(users.TargetGroups?.map(({ LoadBalancerArns }) => LoadBalancerArns)).toEqual([
      [one.arn],
    ]);
    // One that drains is gone with the last who leads to it.
    const Targets = [{ Id: '127.0.0.1', Port: 9 }];
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets }));
    await server.platform.transaction((tx) =>
      tx
        .withTables<{ elbv2_target: { drains_until: number } }>()
        .updateTable('elbv2_target')
        .set({ drains_until: 1e15 })
        .execute(),
    );
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: one.arn }));
    expect(await states(arn)).toEqual([]);
    await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }));
    expect(await code(states(arn))).toBe('TargetGroupNotFound');
  });

  it('changes places of rules at once, and has no priority twice', async () => {
    const { arn } = await balancer();
    const ListenerArn = await listener(arn);
    const rule = async (Priority: number) =>
      (
        await elb.send(
          new CreateRuleCommand({
            ListenerArn,
            Priority,
            Actions: fixed,
            Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
          }),
        )
      ).Rules?.[0]?.RuleArn ?? '';
    const [a, b] = [await rule(1), await rule(2)];
    expect(await code(rule(1))).toBe('PriorityInUse');
    const swap = [
      { RuleArn: a, Priority: 2 },
      { RuleArn: b, Priority: 1 },
    ];
    await elb.send(new SetRulePrioritiesCommand({ RulePriorities: swap }));
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }));
    expect(Rules.map(({ RuleArn, Priority }) => [RuleArn, Priority]).slice(0, 2)).toEqual([
      [b, '1'],
      [a, '2'],
    ]);
    expect(Rules[2]).toMatchObject({ Priority: 'default', IsDefault: true });
    const taken = new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn: a, Priority: 1 }] });
    expect(await code(elb.send(taken))).toBe('PriorityInUse');
  });

  it('registers what may be a target, and lets it go', async () => {
    const TargetGroupArn = await group();
    const register = (Id: string, Port = 9) =>
      elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port }] }));
    await register('127.0.0.1');
    // Of the test's server, as it says of itself.
    for (const [id, port] of [
      ['169.254.169.254', 80],
      ['127.0.0.1', 4566],
      ['8.8.8.8', 80],
      ['127.64.0.1', 80],
    ] as const)
      expect(await code(register(id, port))).toBe('InvalidTarget');
    const instances = await group('instances', { TargetType: 'instance' });
    const unknown = new RegisterTargetsCommand({
      TargetGroupArn: instances,
      Targets: [{ Id: 'i-0123456789abcdef0' }],
    });
    expect(await code(elb.send(unknown))).toBe('InvalidTarget');
    expect(await states(TargetGroupArn)).toEqual(['unused']);
    const gone = new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1' }] });
    await elb.send(gone);
    expect(await states(TargetGroupArn)).toEqual([]);
    expect(await code(elb.send(gone))).toBe('InvalidTarget');
  });

  it('has attributes and tags', async () => {
    const arn = await group();
    const change = (Key: string, Value: string) =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: arn,
          Attributes: [{ Key, Value }],
        }),
      );
    await change('deregistration_delay.timeout_seconds', '5');
    const { Attributes } = await elb.send(
      new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
    );
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '5' });
    expect(await code(change('deregistration_delay.timeout_seconds', '3601'))).toBe(
      'ValidationError',
    );
    expect(await code(change('no.such', '1'))).toBe('InvalidConfigurationRequest');
    await expect(change('load_balancing.algorithm.anomaly_mitigation', 'on')).rejects.toThrow(
      'does not support the attribute load_balancing.algorithm.anomaly_mitigation',
    );
    await change('slow_start.duration_seconds', '30');
    // One of these two, and a cookie before it is followed.
    for (const [key, value] of [
      ['load_balancing.algorithm.type', 'weighted_random'],
      ['slow_start.duration_seconds', '29'],
      ['stickiness.app_cookie.cookie_name', 'AWSALBAPP'],
    ] as const)
      expect(await code(change(key, value))).toMatch(
        /^(InvalidConfigurationRequest|ValidationError)$/,
      );
    await elb.send(
      new AddTagsCommand({
        ResourceArns: [arn],
        Tags: [
          { Key: 'a', Value: 'b' },
          { Key: 'c', Value: 'd' },
        ],
      }),
    );
    await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: ['c'] }));
    const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
    expect(TagDescriptions).toEqual([{ ResourceArn: arn, Tags: [{ Key: 'a', Value: 'b' }] }]);
  });
});
