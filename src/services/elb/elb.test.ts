import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import * as sdk from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { testCertificate } from '../../testing/test-certificate.ts';
import { type World, world } from '../../testing.ts';
import elbv2 from '../elbv2/index.ts';
import service from './index.ts';

const certificate = testCertificate('web.test');
const [A, B] = ['i-0000000000000000a', 'i-0000000000000000b'];

/** All instances are programs of this machine, and run. */
const ec2 = {
  send: async ({ input }: { input: { InstanceIds?: string[]; SubnetIds?: string[] } }) => ({
    Reservations: [
      { Instances: input.InstanceIds?.map((InstanceId) => ({ InstanceId, ...RUNNING })) },
    ],
    Subnets: input.SubnetIds?.map((SubnetId) => ({ SubnetId, ...SUBNET })),
  }),
  destroy() {},
};
const SUBNET = { AvailabilityZone: 'eu-west-1a', VpcId: 'vpc-1' };
const RUNNING = { PrivateIpAddress: '127.0.0.1', State: { Name: 'running' } };

eachDialect('classic load balancers', (makeDatabase) => {
  let server: World;
  let elb: ElasticLoadBalancingClient;
  let target: Server;
  let port: number;
  let cookies: string[];

  beforeAll(async () => {
    target = createServer((request, response) => {
      for (const cookie of cookies) response.appendHeader('set-cookie', cookie);
      response.end(`${request.url}`);
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    port = (target.address() as AddressInfo).port;
  });
  afterAll(() => {
    target.closeAllConnections();
    target.close();
  });

  beforeEach(async () => {
    cookies = [];
    const client: World['platform']['client'] = (Client, as) =>
      Client.name === 'EC2Client'
        ? (ec2 as unknown as InstanceType<typeof Client>)
        : real(Client, as);
    let real: World['platform']['client'];
    server = await world(makeDatabase, [service, elbv2], {
      around: {
        client(given) {
          real = given;
          return client;
        },
      },
    });
    await server.start();
    elb = server.client(ElasticLoadBalancingClient);
  });
  afterEach(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const LoadBalancerName = 'web';
  const AvailabilityZones = ['eu-west-1a'];
  async function create(more: Partial<sdk.Listener> = {}, name = LoadBalancerName) {
    const listener = { Protocol: 'HTTP', LoadBalancerPort: 18_080, InstancePort: port, ...more };
    const given = { LoadBalancerName: name, Listeners: [listener], AvailabilityZones };
    await elb.send(new sdk.CreateLoadBalancerCommand(given));
    return (await addresses()).get(name) ?? '';
  }
  async function addresses(): Promise<Map<string, string>> {
    const rows = await server.platform.db
      .withTables<{ elb_balancer: { name: string; address: string } }>()
      .selectFrom('elb_balancer')
      .select(['name', 'address'])
      .execute();
    return new Map(rows.map(({ name, address }) => [name, address]));
  }
  const register = (...ids: string[]) =>
    elb.send(
      new sdk.RegisterInstancesWithLoadBalancerCommand({
        LoadBalancerName,
        Instances: ids.map((InstanceId) => ({ InstanceId })),
      }),
    );
  const states = async () =>
    (
      (await elb.send(new sdk.DescribeInstanceHealthCommand({ LoadBalancerName })))
        .InstanceStates ?? []
    ).map(({ InstanceId, State, ReasonCode }) => [InstanceId, State, ReasonCode]);
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      ({ name }: Error) => name.replace(/Exception$/, ''),
    );

  it('forwards to instances that its checks find well, and lets them go', async () => {
    const address = await create();
    expect(await create()).toBe(address);
    expect(await code(create({ InstancePort: 1 }))).toBe('DuplicateAccessPointName');
    expect((await fetch(`http://${address}:18080/x`)).status).toBe(503);
    const check = { Target: `HTTP:${port}/health`, Interval: 30, Timeout: 5 };
    const HealthCheck = { ...check, UnhealthyThreshold: 2, HealthyThreshold: 2 };
    await elb.send(new sdk.ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck }));
    expect((await register(A)).Instances).toEqual([{ InstanceId: A }]);
    await expect.poll(states).toEqual([[A, 'InService', 'N/A']]);
    expect(await (await fetch(`http://${address}:18080/x`)).text()).toBe('/x');
    expect(await code(register('i-1'))).toBe('InvalidEndPoint');
    await register(B);
    const gone = { LoadBalancerName, Instances: [{ InstanceId: A }] };
    const left = await elb.send(new sdk.DeregisterInstancesFromLoadBalancerCommand(gone));
    expect(left.Instances).toEqual([{ InstanceId: B }]);
    await expect.poll(async () => (await states()).map(([id]) => id)).toEqual([B]);
    const [described] =
      (await elb.send(new sdk.DescribeLoadBalancersCommand({}))).LoadBalancerDescriptions ?? [];
    expect(described).toMatchObject({
      ...{ LoadBalancerName, AvailabilityZones, Instances: [{ InstanceId: B }], HealthCheck },
      ListenerDescriptions: [{ Listener: { LoadBalancerPort: 18_080, InstancePort: port } }],
    });
    await elb.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerName }));
    await elb.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerName }));
    const open = () =>
      fetch(`http://${address}:18080/`).then(
        () => true,
        () => false,
      );
    await expect.poll(open).toBe(false);
    expect(await code(states())).toBe('AccessPointNotFound');
  });

  it('is another one where it is made again by its name, and loses instances that are terminated', async () => {
    const address = await create();
    await register(A);
    await expect.poll(states).toEqual([[A, 'InService', 'N/A']]);
    await elb.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerName }));
    const again = await create();
    expect(again).not.toBe(address);
    await expect(fetch(`http://${address}:18080/`)).rejects.toThrow();
    await register(A);
    await expect.poll(states).toEqual([[A, 'InService', 'N/A']]);
    expect((await fetch(`http://${again}:18080/`)).status).toBe(200);
    const terminated = (account: string) =>
      server.platform.transaction((tx) =>
        server.platform.events.publish(tx, {
          ...{ account, region: 'eu-west-1', source: 'aws.ec2', resources: [] },
          'detail-type': 'EC2 Instance State-change Notification',
          detail: { 'instance-id': A, state: 'terminated' },
        }),
      );
    await terminated('999999999999');
    await server.runDue();
    expect(await states()).toHaveLength(1);
    await terminated('111111111111');
    await expect.poll(states).toEqual([]);
    const many = Array.from({ length: 101 }, () => ({
      ...{ Protocol: 'TCP', LoadBalancerPort: 1, InstancePort: 1 },
    }));
    const given = { LoadBalancerName: 'many', Listeners: many, AvailabilityZones };
    await expect(elb.send(new sdk.CreateLoadBalancerCommand(given))).rejects.toThrow('quota');
  });

  it('keeps clients at an instance by its own cookie, and by one of the application', async () => {
    const address = await create();
    await register(A);
    await elb.send(
      new sdk.CreateLBCookieStickinessPolicyCommand({
        ...{ LoadBalancerName, PolicyName: 'own', CookieExpirationPeriod: 60 },
      }),
    );
    await elb.send(
      new sdk.CreateAppCookieStickinessPolicyCommand({
        ...{ LoadBalancerName, PolicyName: 'app', CookieName: 'session' },
      }),
    );
    const set = (...PolicyNames: string[]) =>
      elb.send(
        new sdk.SetLoadBalancerPoliciesOfListenerCommand({
          ...{ LoadBalancerName, LoadBalancerPort: 18_080, PolicyNames },
        }),
      );
    expect(await code(set('own', 'app'))).toBe('InvalidConfigurationRequest');
    expect(await code(set('none'))).toBe('PolicyNotFound');
    const names = async (cookie = '') =>
      (await fetch(`http://${address}:18080/`, { headers: { cookie } })).headers
        .getSetCookie()
        .map((one) => one.replace(/=.*?(; Expires)?.*$/s, ''))
        .sort();
    await set('own');
    await expect.poll(() => names()).toEqual(['AWSELB']);
    await set('app');
    await expect.poll(() => names()).toEqual([]);
    cookies = ['session=1'];
    expect(await names()).toEqual(['AWSELB', 'session']);
    const used = new sdk.DeleteLoadBalancerPolicyCommand({ LoadBalancerName, PolicyName: 'app' });
    expect(await code(elb.send(used))).toBe('InvalidConfigurationRequest');
    await set();
    await elb.send(used);
    const { PolicyDescriptions } = await elb.send(
      new sdk.DescribeLoadBalancerPoliciesCommand({ LoadBalancerName }),
    );
    expect(PolicyDescriptions?.map(({ PolicyName }) => PolicyName)).toEqual(['own']);
  });

  it('speaks TLS with certificates of IAM, and refuses what nothing follows', async () => {
    const iam = server.client(IAMClient);
    const { ServerCertificateMetadata: uploaded } = await iam.send(
      new UploadServerCertificateCommand({
        ServerCertificateName: 'web',
        ...{ CertificateBody: certificate.cert, PrivateKey: certificate.key },
      }),
    );
    const https = { Protocol: 'HTTPS', LoadBalancerPort: 18_443 };
    expect(await code(create(https))).toBe('InvalidConfigurationRequest');
    expect(await code(create({ ...https, SSLCertificateId: 'x' }))).toBe('CertificateNotFound');
    const address = await create({ ...https, SSLCertificateId: uploaded?.Arn });
    await register(A);
    await expect.poll(states).toEqual([[A, 'InService', 'N/A']]);
    const { Agent, request } = await import('node:https');
    const agent = new Agent({ ca: [certificate.cert], servername: 'web.test' });
    const asked = request({ host: address, port: 18_443, agent });
    asked.end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(200);
    answer.resume();
    agent.destroy();
    const policy = (PolicyName: string, PolicyTypeName: string, ...pairs: [string, string][]) =>
      elb.send(
        new sdk.CreateLoadBalancerPolicyCommand({
          ...{ LoadBalancerName, PolicyName, PolicyTypeName },
          PolicyAttributes: pairs.map(([AttributeName, AttributeValue]) => ({
            ...{ AttributeName, AttributeValue },
          })),
        }),
      );
    const ssl = 'SSLNegotiationPolicyType';
    await policy('new', ssl, ['Reference-Security-Policy', 'ELBSecurityPolicy-TLS-1-2-2017-01']);
    const shake = async () => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1' } as const;
      const to = { host: address, port: 18_443, rejectUnauthorized: false };
      const socket = connectSecure({ ...to, ...old, ciphers: 'DEFAULT@SECLEVEL=0' });
      await once(socket, 'secureConnect').finally(() => socket.destroy());
    };
    await shake();
    await elb.send(
      new sdk.SetLoadBalancerPoliciesOfListenerCommand({
        ...{ LoadBalancerName, LoadBalancerPort: 18_443, PolicyNames: ['new'] },
      }),
    );
    await expect(shake()).rejects.toThrow();
    const order: [string, string] = ['Server-Defined-Cipher-Order', 'true'];
    const version: [string, string] = ['Protocol-TLSv1.2', 'true'];
    for (const pairs of [
      [order, version, version, ['AES128-SHA', 'true']],
      [order, version, ['AES128-SHA', 'yes']],
      [['Reference-Security-Policy', 'ELBSecurityPolicy-2016-08'], version],
    ] as [string, string][][])
      expect(await code(policy('x', ssl, ...pairs))).toBe('InvalidConfigurationRequest');
    await expect(
      policy('x', ssl, order, version, ['TLS_AES_128_GCM_SHA256', 'true']),
    ).rejects.toThrow('does not support');
    expect(await code(policy('ELBSecurityPolicy-x', ssl, order, version))).toBe(
      'InvalidConfigurationRequest',
    );
    for (const [type, ...pairs] of [
      ['ProxyProtocolPolicyType', ['ProxyProtocol', 'true']],
      [ssl, ['Reference-Security-Policy', 'ELBSecurityPolicy-2015-05']],
      [ssl, ['Protocol-SSLv3', 'true'], ['Server-Defined-Cipher-Order', 'true']],
    ] as [string, ...[string, string][]][])
      await expect(policy('x', type, ...pairs)).rejects.toThrow('does not support');
    expect(await code(policy('x', 'Nobody'))).toBe('PolicyTypeNotFound');
    const [described] =
      (await elb.send(new sdk.DescribeLoadBalancersCommand({}))).LoadBalancerDescriptions ?? [];
    expect(described?.Policies?.OtherPolicies).toEqual(['ELBSecurityPolicy-2016-08', 'new']);
  });

  it('has attributes and tags, and says why a listener cannot be', async () => {
    // The other API of this name, first: each call is judged by its own.
    const v2 = server.client(ElasticLoadBalancingV2Client);
    const Subnets = ['subnet-1', 'subnet-2'];
    const others = v2.send(new CreateLoadBalancerCommand({ Name: 'web', Subnets }));
    expect((await others).LoadBalancers).toHaveLength(1);
    const address = await create();
    const taken = createTcp().listen(18_081, address);
    await once(taken, 'listening');
    const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 18_081, InstancePort: port }];
    const second = new sdk.CreateLoadBalancerListenersCommand({ LoadBalancerName, Listeners });
    await expect(elb.send(second)).rejects.toThrow('is in use by another program');
    taken.close();
    await once(taken, 'close');
    await elb.send(second);
    const modify = (LoadBalancerAttributes: sdk.LoadBalancerAttributes) =>
      elb.send(
        new sdk.ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes }),
      );
    const draining = { ConnectionDraining: { Enabled: true, Timeout: 30 } };
    expect((await modify(draining)).LoadBalancerAttributes).toEqual(draining);
    const extra = (Key: string, Value: string) =>
      modify({ AdditionalAttributes: [{ Key, Value }] });
    expect(await code(extra('x', 'y'))).toBe('LoadBalancerAttributeNotFound');
    await expect(extra('elb.http.desyncmitigationmode', 'strictest')).rejects.toThrow(
      'does not support',
    );
    await expect(modify({ AccessLog: { Enabled: true } })).rejects.toThrow(
      'does not support access logs',
    );
    const named = { LoadBalancerNames: [LoadBalancerName] };
    await elb.send(new sdk.AddTagsCommand({ ...named, Tags: [{ Key: 'a', Value: 'b' }] }));
    const { TagDescriptions } = await elb.send(new sdk.DescribeTagsCommand(named));
    expect(TagDescriptions).toEqual([{ LoadBalancerName, Tags: [{ Key: 'a', Value: 'b' }] }]);
    await elb.send(new sdk.RemoveTagsCommand({ ...named, Tags: [{ Key: 'a' }] }));
    await elb.send(
      new sdk.DeleteLoadBalancerListenersCommand({ LoadBalancerName, LoadBalancerPorts: [18_081] }),
    );
  });
});
