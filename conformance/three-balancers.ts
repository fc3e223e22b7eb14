import { testCertificate } from '../src/testing/test-certificate.ts';
import { type Call, each, type Lists, TAGS } from './three.ts';

/** Three load balancers, groups, and listeners and rules of the first. */
export async function balancers(call: Call): Promise<Lists> {
  const elb = (operation: string, input: object) => call('elbv2', operation, input);
  const FixedResponseConfig = { StatusCode: '200' };
  const actions = [{ Type: 'fixed-response', FixedResponseConfig }];
  const { Subnets: network } = await call('ec2', 'DescribeSubnets', {});
  const [first, second] = network as { SubnetId: string; VpcId: string }[];
  const Subnets = [first?.SubnetId, second?.SubnetId];
  await each((n) => elb('CreateLoadBalancer', { Name: n, Subnets }));
  await each((n) =>
    elb('CreateTargetGroup', { Name: n, Protocol: 'HTTP', Port: 9, VpcId: first?.VpcId }),
  );
  const { LoadBalancers } = await elb('DescribeLoadBalancers', { Names: ['1'] });
  const [{ LoadBalancerArn = '' } = {}] = LoadBalancers as { LoadBalancerArn?: string }[];
  let ListenerArn: string | undefined;
  await each(async (n) => {
    const { Listeners } = await elb('CreateListener', {
      ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 18_080 + Number(n), DefaultActions: actions },
    });
    ListenerArn = (Listeners as { ListenerArn: string }[])[0]?.ListenerArn;
  });
  await each((n) =>
    elb('CreateRule', {
      ...{ ListenerArn, Priority: Number(n), Actions: actions },
      Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
    }),
  );
  await each((n) =>
    call('elb', 'CreateLoadBalancer', {
      ...{ LoadBalancerName: n, AvailabilityZones: ['us-east-1a'] },
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 18_090, InstancePort: 9 }],
    }),
  );
  const Certificates = await certificates(call);
  const { Listeners: secure } = await elb('CreateListener', {
    ...{ LoadBalancerArn, Protocol: 'HTTPS', Port: 18_084, DefaultActions: actions },
    Certificates: Certificates.slice(0, 1),
  });
  const [{ ListenerArn: withCertificates = '' } = {}] = secure as { ListenerArn?: string }[];
  const more = { ListenerArn: withCertificates, Certificates: Certificates.slice(1) };
  await elb('AddListenerCertificates', more);
  const ofIt = { ListenerArn: withCertificates };
  return {
    'elb:DescribeAccountLimits': { input: {}, items: 'Limits' },
    'elb:DescribeLoadBalancers': { input: {}, items: 'LoadBalancerDescriptions' },
    DescribeListenerCertificates: { input: ofIt, items: 'Certificates' },
    DescribeSSLPolicies: { input: {}, items: 'SslPolicies' },
    ListServerCertificates: { input: {}, items: 'ServerCertificateMetadataList' },
    ListServerCertificateTags: { input: { ServerCertificateName: '1' }, items: 'Tags' },
    DescribeAccountLimits: { input: {}, items: 'Limits' },
    DescribeListeners: { input: { LoadBalancerArn }, items: 'Listeners' },
    DescribeLoadBalancers: { input: {}, items: 'LoadBalancers' },
    DescribeRules: { input: { ListenerArn }, items: 'Rules' },
    DescribeTargetGroups: { input: {}, items: 'TargetGroups' },
  };
}

/** Three, of which the first has three tags. */
async function certificates(call: Call): Promise<{ CertificateArn: string }[]> {
  const { cert: CertificateBody, key: PrivateKey } = testCertificate('known.test');
  const made: { CertificateArn: string }[] = [];
  await each(async (ServerCertificateName) => {
    const given = { ServerCertificateName, CertificateBody, PrivateKey, Tags: TAGS };
    const { ServerCertificateMetadata } = await call('iam', 'UploadServerCertificate', given);
    made.push({ CertificateArn: (ServerCertificateMetadata as { Arn: string }).Arn });
  });
  return made;
}
