import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodeDeployClient, GetDeploymentTargetCommand } from '@aws-sdk/client-codedeploy';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { aws, awsError, noAws } from './aws.ts';
import { ended, makeWeb } from './codedeploy-hosts.ts';
import { eventually } from './eventually.ts';
import { missing, notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

// Two instances in real containers, from run-instances to nothing left: one server, and every step the next one's ground.

const MINUTE = 60_000;
const image = process.env.SLIPWAY_TEST_IMAGE;
const skipped = missing('docker', 'info') || noAws || (!image && notHere('SLIPWAY_TEST_IMAGE'));
const call = promisify(execFile);

/** Runs in the instance as it starts, as its root; the agent is installed as the tutorial has it. */
const USER_DATA = `#!/bin/bash
cd /root
echo "user data of $(id -un)"
curl -fsS -o install "$AWS_ENDPOINT_URL/aws-codedeploy-us-east-1/latest/install"
chmod +x ./install
./install auto
`;

/** What a program in an instance gets of an address; the status alone where it is no 200. */
const GET = `t=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
curl -s -f --path-as-is -H "X-aws-ec2-metadata-token: $t" "http://169.254.169.254/latest/$1" || echo none`;

describe.skipIf(skipped)('EC2 instances', () => {
  let server: TestServer;
  let directory: string;
  let one = '';
  let two = '';

  const containers = async (label: string) => {
    const filter = `label=slipway.instance${label && `=${label}`}`;
    const { stdout } = await call('docker', ['ps', '-a', '-q', '--filter', filter]);
    return stdout.trim().split('\n').filter(Boolean);
  };
  const inside = async (id: string, script: string, ...args: string[]) => {
    const [container = ''] = await containers(id);
    const command = ['exec', container, '/bin/bash', '-c', script, 'x', ...args];
    return (await call('docker', command)).stdout;
  };
  const metadata = (id: string, path: string) => inside(id, GET, path);
  const instance = async (id: string) => {
    const { Reservations } = await aws(server)`ec2 describe-instances --instance-ids ${id}`;
    const [reservation] = Reservations as { Instances: Record<string, never>[] }[];
    return reservation?.Instances[0] as unknown as {
      State: { Name: string };
      PrivateIpAddress?: string;
      StateReason?: { Code: string };
    };
  };
  const become = (id: string, state: string) =>
    eventually(`${id} to be ${state}`, async () => (await instance(id)).State.Name === state);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-ec2-'));
    server = await startServer({ flags: ['--executor', 'docker'] });
    await makeWeb(server);
  }, 2 * MINUTE);

  afterAll(async () => {
    for (const id of [one, two].filter(Boolean))
      for (const container of await containers(id)) await call('docker', ['rm', '-f', container]);
    await server?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  }, 2 * MINUTE);

  const trusting = (service: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    });

  test(
    'are started with a profile, user data and tags, and are well',
    async () => {
      const typed = aws(server);
      for (const name of ['web', 'other']) {
        await typed`iam create-role --role-name ${name} --assume-role-policy-document ${trusting('ec2.amazonaws.com')}`;
        await typed`iam create-instance-profile --instance-profile-name ${name}`;
        await typed`iam add-role-to-instance-profile --instance-profile-name ${name} --role-name ${name}`;
      }
      await typed`iam attach-role-policy --role-name web --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess`;
      await typed`iam attach-role-policy --role-name deploy --policy-arn arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole`;
      const { ImageId } =
        await typed`ec2 register-image --name tutorial --image-location ${image ?? ''}`;
      writeFileSync(join(directory, 'install.sh'), USER_DATA);
      const tags = 'ResourceType=instance,Tags=[{Key=Role,Value=web}]';
      const run = async (profile: string, ...more: string[]) => {
        const made =
          await typed`ec2 run-instances --image-id ${String(ImageId)} --iam-instance-profile Name=${profile} ${more}`;
        return (made.Instances as { InstanceId: string }[])[0]?.InstanceId ?? '';
      };
      one = await run(
        ...(['web', '--user-data', `file://${directory}/install.sh`] as const),
        ...['--tag-specifications', tags, '--metadata-options', 'InstanceMetadataTags=enabled'],
      );
      two = await run('other', '--metadata-options', 'HttpTokens=optional');
      for (const id of [one, two])
        await eventually(`${id} to be well`, async () => {
          const { InstanceStatuses } =
            await typed`ec2 describe-instance-status --instance-ids ${id}`;
          const [status] = InstanceStatuses as { InstanceStatus: { Status: string } }[];
          return status?.InstanceStatus.Status === 'ok';
        });
      expect((await instance(one)).PrivateIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    },
    3 * MINUTE,
  );

  test(
    'their metadata is their own, and their user data has run once, as root',
    async () => {
      expect(await metadata(one, 'meta-data/instance-id')).toBe(one);
      expect(await metadata(two, 'meta-data/instance-id')).toBe(two);
      expect(await metadata(one, 'meta-data/placement/region')).toBe(server.region);
      expect(await metadata(one, 'meta-data/tags/instance/Role')).toBe('web');
      expect(await metadata(two, 'meta-data/tags/')).toBe('none\n');
      expect(await metadata(one, 'user-data')).toBe(USER_DATA);
      expect(JSON.parse(await metadata(one, 'dynamic/instance-identity/document'))).toMatchObject({
        instanceId: one,
        accountId: server.accountId,
      });
      const credentials = 'meta-data/iam/security-credentials/';
      expect(await metadata(one, credentials)).toBe('web');
      expect(JSON.parse(await metadata(one, `${credentials}web`))).toMatchObject({
        Code: 'Success',
      });
      await eventually('the console', async () => {
        const { Output } = await aws(server)`ec2 get-console-output --instance-id ${one}`;
        // The command has decoded it.
        const console = String(Output ?? '');
        return /user data of root\n/.test(console) && /user data has ended with 0/.test(console);
      });
    },
    2 * MINUTE,
  );

  test(
    'no instance gets at the credentials of another',
    async () => {
      const { PrivateIpAddress: address } = await instance(one);
      const status = (id: string, ...args: string[]) =>
        inside(id, 'curl -s -o /dev/null -m 3 -w "%{http_code}" "$@" || true', ...args);
      const url = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/web';
      // Without a token; sent on for somebody; of another's role; with a token that another one was given.
      expect(await status(one, url)).toBe('401');
      const put = ['-X', 'PUT', '-H', 'X-aws-ec2-metadata-token-ttl-seconds: 60'];
      const api = 'http://169.254.169.254/latest/api/token';
      expect(await status(one, ...put, '-H', 'X-Forwarded-For: 10.0.0.1', api)).toBe('403');
      expect(await status(two, url)).toBe('404');
      const token = (await inside(two, `curl -s "$@"`, ...put, api)).trim();
      expect(await status(one, '-H', `X-aws-ec2-metadata-token: ${token}`, url)).toBe('401');
      // At the address of a neighbour nobody listens, whatever it is asked for.
      for (const port of [80, 4566])
        expect(await status(two, `http://${address}:${port}/latest/meta-data/`)).toBe('000');
      // Paths that lead out, and an API that is not there.
      for (const path of ['../../../etc/passwd', 'meta-data/..%2f..%2fiam', 'meta-data/__proto__'])
        expect(await metadata(two, path)).toBe('none\n');
      // A neighbour who mounts the tools finds them as they are.
      expect(await inside(one, 'touch /opt/slipway/src/x 2>/dev/null || echo refused')).toBe(
        'refused\n',
      );
    },
    2 * MINUTE,
  );

  test(
    'a deployment finds them by their tags, also after a server that was killed',
    async () => {
      await server.kill();
      await server.restart();
      const typed = aws(server);
      const zip = new ZipFile();
      const appspec =
        'version: 0.0\nos: linux\nfiles:\n  - source: index.html\n    destination: /srv/www\nhooks:\n  ValidateService:\n    - location: check.sh\n';
      zip.addBuffer(Buffer.from(appspec), 'appspec.yml');
      zip.addBuffer(Buffer.from('hello'), 'index.html');
      zip.addBuffer(Buffer.from('#!/bin/sh\ngrep hello /srv/www/index.html\n'), 'check.sh', {
        mode: 0o100755,
      });
      zip.end();
      const parts: Buffer[] = [];
      for await (const part of zip.outputStream) parts.push(part as Buffer);
      const s3 = new S3Client({ ...server.client, forcePathStyle: true });
      const Body = Buffer.concat(parts);
      await s3.send(new PutObjectCommand({ Bucket: 'bundles', Key: 'r.zip', Body }));
      await typed`deploy create-deployment-group --application-name web --deployment-group-name prod
      --service-role-arn arn:aws:iam::${server.accountId}:role/deploy
      --ec2-tag-filters Key=Role,Value=web,Type=KEY_AND_VALUE`;
      const location = 'bucket=bundles,key=r.zip,bundleType=zip';
      const { deploymentId } =
        await typed`deploy create-deployment --application-name web --deployment-group-name prod --s3-location ${location}`;
      const codedeploy = new CodeDeployClient(server.client);
      expect(await ended(codedeploy, String(deploymentId))).toMatchObject({ status: 'Succeeded' });
      const target = { deploymentId: String(deploymentId), targetId: one };
      const { deploymentTarget } = await codedeploy.send(new GetDeploymentTargetCommand(target));
      expect(deploymentTarget?.instanceTarget?.targetArn).toBe(
        `arn:aws:ec2:${server.region}:${server.accountId}:instance/${one}`,
      );
      expect(await inside(one, 'cat /srv/www/index.html')).toBe('hello');
    },
    2 * MINUTE,
  );

  test(
    'they stop, start again with what they have, shut themselves down, and come back where something else ended them',
    async () => {
      const typed = aws(server);
      await typed`ec2 stop-instances --instance-ids ${one}`;
      await become(one, 'stopped');
      expect((await instance(one)).PrivateIpAddress).toBeUndefined();
      await typed`ec2 start-instances --instance-ids ${one}`;
      await become(one, 'running');
      await eventually('its second boot', async () => {
        const now = await inside(one, 'cat /srv/www/index.html; cat /var/lib/slipway/boot');
        return now === 'hello2\n';
      });
      // What runs in it ends with it, the shell that says so too.
      await inside(two, 'shutdown -h now').catch(() => undefined);
      await become(two, 'stopped');
      expect((await instance(two)).StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
      await eventually(`${one} to be well`, async () => {
        const { InstanceStatuses } =
          await typed`ec2 describe-instance-status --instance-ids ${one}`;
        const [status] = InstanceStatuses as { InstanceStatus: { Status: string } }[];
        return status?.InstanceStatus.Status === 'ok';
      });
      await call('docker', ['kill', ...(await containers(one))]);
      await eventually('its third boot', async () =>
        inside(one, 'cat /var/lib/slipway/boot').then(
          (boot) => boot === '3\n',
          () => false,
        ),
      );
      await become(one, 'running');
    },
    2 * MINUTE,
  );

  test(
    'one that is protected stays; terminated, nothing of them is left',
    async () => {
      const typed = aws(server);
      // Its own: other servers may use the engine too.
      const [container = ''] = await containers(one);
      const its = '{{.HostConfig.NetworkMode}} {{range .Mounts}}{{.Name}}{{end}}';
      const { stdout } = await call('docker', ['inspect', '-f', its, container]);
      const [network = '', tools = ''] = stdout.trim().split(' ');
      await typed`ec2 modify-instance-attribute --instance-id ${one} --disable-api-termination`;
      const refused = await awsError(server)`ec2 terminate-instances --instance-ids ${one} ${two}`;
      expect(refused).toMatch(/^OperationNotPermitted: .*disableApiTermination/);
      expect((await instance(two)).State.Name).toBe('stopped');
      await typed`ec2 modify-instance-attribute --instance-id ${one} --no-disable-api-termination`;
      await typed`ec2 terminate-instances --instance-ids ${one} ${two}`;
      await become(one, 'terminated');
      await become(two, 'terminated');
      expect([await containers(one), await containers(two)]).toEqual([[], []]);
      expect(network).toMatch(/^slipway-ec2-vpc-/);
      expect(tools).toMatch(/^slipway-ec2-tools-/);
      const isGone = (kind: string, name: string) =>
        call('docker', [kind, 'inspect', name]).then(
          () => false,
          () => true,
        );
      const gone = () =>
        Promise.all([
          isGone('network', network),
          isGone('volume', tools),
          isGone('container', `${tools}-fill`),
        ]);
      await eventually('network and volume to go', async () => !(await gone()).includes(false));
      expect(server.log()).not.toMatch(/"level":50/);
    },
    2 * MINUTE,
  );
});
