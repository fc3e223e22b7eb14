import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { aws, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { missing, notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

// One environment in a real container, from its application to nothing left.

const MINUTE = 60_000;
const image = process.env.SLIPWAY_TEST_IMAGE;
const skipped = missing('docker', 'info') || noAws || (!image && notHere('SLIPWAY_TEST_IMAGE'));
const call = promisify(execFile);

interface Environment {
  Status: string;
  Health: string;
  VersionLabel: string;
  CNAME: string;
}

const SOURCE = (version: string) => `const { createServer } = require('node:http');
createServer((request, response) => response.end('${version} ' + process.env.COLOR)).listen(process.env.PORT);
`;

describe.skipIf(skipped)('An Elastic Beanstalk environment', () => {
  let server: TestServer;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-beanstalk-'));
    server = await startServer({ flags: ['--executor', 'docker'] });
  }, 2 * MINUTE);
  afterAll(async () => {
    await server?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  }, MINUTE);

  const described = async () => {
    const { Environments } = (await aws(server)`elasticbeanstalk describe-environments
      --environment-names front --include-deleted`) as unknown as { Environments: Environment[] };
    return Environments[0] as Environment;
  };
  const becomes = (status: string) =>
    eventually(
      `the environment is ${status}`,
      async () => {
        const found = await described();
        return found.Status === status ? found : undefined;
      },
      MINUTE,
    );
  /** Names below localhost are this machine's to curl and browsers; Node asks the system. */
  const visit = async ({ CNAME }: Environment) => {
    const { port } = new URL(server.endpoint);
    const answer = await new Promise<Parameters<typeof text>[0]>((resolve, reject) => {
      get({ host: '127.0.0.1', port, headers: { host: CNAME } }, resolve).once('error', reject);
    });
    return text(answer);
  };

  test(
    'is made, visited, updated and gone',
    async () => {
      const typed = aws(server);
      const trust = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
            Principal: { Service: 'ec2.amazonaws.com' },
          },
        ],
      });
      await typed`iam create-role --role-name web --assume-role-policy-document ${trust}`;
      await typed`iam attach-role-policy --role-name web --policy-arn arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier`;
      await typed`iam create-instance-profile --instance-profile-name web`;
      await typed`iam add-role-to-instance-profile --instance-profile-name web --role-name web`;
      const { ImageId } =
        await typed`ec2 register-image --name node --image-location ${image ?? ''}`;
      const { S3Bucket: bucket } = await typed`elasticbeanstalk create-storage-location`;
      for (const version of ['v1', 'v2']) {
        const zip = new ZipFile();
        zip.addBuffer(Buffer.from(SOURCE(version)), 'app.js');
        zip.end();
        const file = join(directory, `${version}.zip`);
        writeFileSync(file, await buffer(zip.outputStream));
        await typed`s3api put-object --bucket ${String(bucket)} --key ${version}.zip --body ${file}`;
        await typed`elasticbeanstalk create-application-version --application-name app --version-label ${version}
          --auto-create-application --source-bundle S3Bucket=${String(bucket)},S3Key=${version}.zip`;
      }
      const { SolutionStacks } = (await typed`elasticbeanstalk list-available-solution-stacks`) as {
        SolutionStacks: string[];
      };
      const option = (Namespace: string, OptionName: string, Value: string) => ({
        ...{ Namespace, OptionName, Value },
      });
      const options = JSON.stringify([
        option('aws:autoscaling:launchconfiguration', 'IamInstanceProfile', 'web'),
        option('aws:autoscaling:launchconfiguration', 'ImageId', String(ImageId)),
        option('aws:elasticbeanstalk:environment', 'EnvironmentType', 'SingleInstance'),
        option('aws:elasticbeanstalk:application:environment', 'COLOR', 'blue'),
      ]);
      await typed`elasticbeanstalk create-environment --application-name app --environment-name front --cname-prefix front
        --version-label v1 --solution-stack-name ${SolutionStacks[0] ?? ''} --option-settings ${options}`;
      const made = await becomes('Ready');
      expect(made).toMatchObject({ Health: 'Green', VersionLabel: 'v1' });
      expect(await visit(made)).toBe('v1 blue');
      await typed`elasticbeanstalk update-environment --environment-name front --version-label v2`;
      const updated = await becomes('Ready');
      expect(updated).toMatchObject({ Health: 'Green', VersionLabel: 'v2' });
      expect(await visit(updated)).toBe('v2 blue');
      const { Reservations } = (await typed`ec2 describe-instances`) as unknown as {
        Reservations: { Instances: { InstanceId: string }[] }[];
      };
      const id = Reservations[0]?.Instances[0]?.InstanceId ?? '';
      await typed`elasticbeanstalk terminate-environment --environment-name front`;
      await becomes('Terminated');
      const filter = `label=slipway.instance=${id}`;
      const { stdout } = await call('docker', ['ps', '-a', '-q', '--filter', filter]);
      expect(stdout).toBe('');
    },
    3 * MINUTE,
  );
});
