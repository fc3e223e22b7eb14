import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testCertificate } from '../src/testing/test-certificate.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { missing, notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const image = process.env.SLIPWAY_TEST_IMAGE;
const skipped = missing('docker', 'info') || noAws || (!image && notHere('SLIPWAY_TEST_IMAGE'));
const call = promisify(execFile);
const certificate = testCertificate('web.test');

/** A web server in a few lines, of what the image has. */
const USER_DATA = `#!/usr/bin/perl
use IO::Socket::INET;
exit 0 if fork;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 50, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?\\n/ }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nhi\\n";
  close $client;
}
`;

describe.skipIf(skipped)('a classic load balancer', () => {
  let server: TestServer;
  let directory: string;
  let instance = '';

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-elb-'));
    server = await startServer({ flags: ['--executor', 'docker'] });
  });
  afterAll(async () => {
    const filter = `label=slipway.instance=${instance}`;
    const { stdout } = await call('docker', ['ps', '-a', '-q', '--filter', filter]);
    for (const id of instance ? stdout.split('\n').filter(Boolean) : [])
      await call('docker', ['rm', '-f', id]);
    await server?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return `file://${join(directory, name)}`;
  };
  // By its name, at 127.0.0.1, where that leads.
  const plain = () =>
    fetch('http://127.0.0.1:18180/').then(
      (answer) => answer.text(),
      () => '',
    );

  test('leads to a real instance, over HTTP and HTTPS, also after kill -9, with the aws command', async () => {
    const run = aws(server);
    const { ImageId } = await run`ec2 register-image --name web --image-location ${image ?? ''}`;
    const made =
      await run`ec2 run-instances --image-id ${String(ImageId)} --user-data ${file('start', USER_DATA)}`;
    instance = (made.Instances as { InstanceId: string }[])[0]?.InstanceId ?? '';
    const { ServerCertificateMetadata } =
      await run`iam upload-server-certificate --server-certificate-name web
      --certificate-body ${file('cert.pem', certificate.cert)} --private-key ${file('key.pem', certificate.key)}`;
    const { Arn } = ServerCertificateMetadata as { Arn: string };
    const listeners = [
      'Protocol=HTTP,LoadBalancerPort=18180,InstancePort=8080',
      `Protocol=HTTPS,LoadBalancerPort=18443,InstanceProtocol=HTTP,InstancePort=8080,SSLCertificateId=${Arn}`,
    ];
    const { DNSName } = await run`elb create-load-balancer --load-balancer-name web
      --listeners ${listeners} --availability-zones us-east-1a us-east-1b`;
    expect(DNSName).toMatch(/^web-\d+\.us-east-1\.elb\.localhost$/);
    await run`elb configure-health-check --load-balancer-name web
      --health-check Target=HTTP:8080/,Interval=5,UnhealthyThreshold=2,HealthyThreshold=2,Timeout=3`;
    await eventually('the instance to run', async () => {
      const { Reservations } = await run`ec2 describe-instances --instance-ids ${instance}`;
      const [reservation] = Reservations as { Instances: { State: { Name: string } }[] }[];
      return reservation?.Instances[0]?.State.Name === 'running';
    });
    await run`elb register-instances-with-load-balancer --load-balancer-name web --instances ${instance}`;
    await eventually('the instance to be in service', async () => {
      const { InstanceStates } = await run`elb describe-instance-health --load-balancer-name web`;
      return (InstanceStates as { State: string }[])[0]?.State === 'InService';
    });
    await run`elb wait instance-in-service --load-balancer-name web`;
    expect(await plain()).toBe('hi\n');
    const to = { host: '127.0.0.1', port: 18_443, servername: 'web.test', ca: [certificate.cert] };
    const asked = request({ ...to, headers: { host: String(DNSName) }, agent: false });
    asked.end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(200);
    answer.resume();
    expect(
      await awsError(server)`iam delete-server-certificate --server-certificate-name web`,
    ).toMatch(/^DeleteConflict: /);

    await server.kill();
    await server.restart();
    await eventually('the listener to be back', async () => (await plain()) === 'hi\n');
    const { LoadBalancerDescriptions } = await run`elb describe-load-balancers`;
    expect(LoadBalancerDescriptions).toMatchObject([
      { LoadBalancerName: 'web', Instances: [{ InstanceId: instance }] },
    ]);
    await run`elb delete-load-balancer --load-balancer-name web`;
    await eventually('it to be gone', async () => (await plain()) === '');
    await run`ec2 terminate-instances --instance-ids ${instance}`;
    await run`iam delete-server-certificate --server-certificate-name web`;
  }, 180_000);
});
