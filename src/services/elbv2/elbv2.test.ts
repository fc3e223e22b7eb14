import {
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
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

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
    await server.platform.engine.idle();
    await expect(fetch(`http://${address}:18090/`)).rejects.toThrow();
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
      'does not support listeners of the protocol HTTPS',
    );
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
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: one.arn }));
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
    await expect(change('slow_start.duration_seconds', '30')).rejects.toThrow(
      'does not support the attribute slow_start',
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
