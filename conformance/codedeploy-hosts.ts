import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddTagsToOnPremisesInstancesCommand,
  CodeDeployClient,
  CreateApplicationCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  RegisterOnPremisesInstanceCommand,
} from '@aws-sdk/client-codedeploy';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ZipFile } from 'yazl';
import { eventually } from './eventually.ts';
import type { TestServer } from './server.ts';

const root = join(import.meta.dirname, '..');

/** What deployments need beside hosts: the role `deploy`, the bucket `bundles`, the application `web`. @returns the role's ARN */
export async function makeWeb({ client }: TestServer): Promise<string> {
  const trusts = { Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' } };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ ...trusts, Action: 'sts:AssumeRole' }],
  });
  const { Role } = await new IAMClient(client).send(
    new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument }),
  );
  await new S3Client({ ...client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'bundles' }),
  );
  await new CodeDeployClient(client).send(new CreateApplicationCommand({ applicationName: 'web' }));
  return Role?.Arn ?? '';
}

/** An on-premises instance: registered, tagged, and an agent with a directory of its own. */
export interface Host {
  name: string;
  arn: string;
  keys: { accessKeyId: string; secretAccessKey: string };
  /** What destinations are placed below. */
  prefix: string;
  rootDir: string;
  startAgent(): void;
  /** As its users start it, from a terminal: the launcher, in a process group of its own. */
  startAgentInGroup(): void;
  /** What a terminal does at Ctrl-C, or a service manager: everything in the group gets the signal. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Waits for the agent's end. */
  exitCode(): Promise<number | null>;
  /** Ends the agent; SIGTERM unless told otherwise. @returns its exit code */
  stopAgent(signal?: NodeJS.Signals): Promise<number | null>;
  log(): string;
}

/** Makes hosts of one server and removes them at the end. */
export function makeHosts(server: TestServer) {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-hosts-'));
  const hosts: Host[] = [];
  return {
    async add(name: string, tag: string): Promise<Host> {
      const host = await makeHost(server, directory, name, tag);
      hosts.push(host);
      return host;
    },
    async close(): Promise<void> {
      await Promise.all(hosts.map((host) => host.stopAgent('SIGKILL')));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function makeHost(
  server: TestServer,
  directory: string,
  name: string,
  tag: string,
): Promise<Host> {
  const { arn, keys } = await register(server, name, tag);
  const home = join(directory, name);
  mkdirSync(home);
  const config = join(home, 'codedeploy.onpremises.yml');
  writeFileSync(
    config,
    `---\nregion: ${server.region}\niam_user_arn: ${arn}\naws_access_key_id: ${keys.accessKeyId}\naws_secret_access_key: ${keys.secretAccessKey}\n`,
    { mode: 0o600 },
  );
  const [prefix, rootDir] = [join(home, 'fs'), join(home, 'root')];
  let child: ChildProcess | undefined;
  let log = '';
  const start = (program: string[], detached: boolean) => {
    const args = ['agent', '--config', config, '--root-dir', rootDir, '--prefix', prefix];
    child = spawn(process.execPath, [...program, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: server.endpoint },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached,
    });
    child.stderr?.on('data', (chunk) => {
      log += chunk;
    });
  };
  const ended = async () => {
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  };
  return {
    ...{ name, arn, keys, prefix, rootDir },
    startAgent: () => start(['--disable-warning=ExperimentalWarning', 'src/cli/main.ts'], false),
    startAgentInGroup: () => start(['bin/slipway'], true),
    signalGroup(signal) {
      process.kill(-(child?.pid ?? 0), signal);
    },
    exitCode: ended,
    async stopAgent(signal = 'SIGTERM') {
      if (child?.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended();
    },
    log: () => log,
  };
}

/** What `aws deploy register` does: an IAM user that may read from S3, registered and tagged. */
async function register(
  server: TestServer,
  name: string,
  tag: string,
): Promise<Pick<Host, 'arn' | 'keys'>> {
  const iam = new IAMClient(server.client);
  const codedeploy = new CodeDeployClient(server.client);
  const { User } = await iam.send(
    new CreateUserCommand({ UserName: name, Path: '/AWS/CodeDeploy/' }),
  );
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Action: ['s3:Get*', 's3:List*'], Effect: 'Allow', Resource: '*' }],
  });
  await iam.send(
    new PutUserPolicyCommand({ UserName: name, PolicyName: 'codedeploy-agent', PolicyDocument }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const arn = User?.Arn ?? '';
  await codedeploy.send(
    new RegisterOnPremisesInstanceCommand({ instanceName: name, iamUserArn: arn }),
  );
  await codedeploy.send(
    new AddTagsToOnPremisesInstancesCommand({
      instanceNames: [name],
      tags: [{ Key: 'fleet', Value: tag }],
    }),
  );
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  return { arn, keys: { accessKeyId, secretAccessKey } };
}

/** Puts files into a zip in S3; scripts are executable. */
export async function putBundle(
  server: TestServer,
  bucket: string,
  key: string,
  files: Record<string, string>,
): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), name, { mode: name.endsWith('.sh') ? 0o100755 : 0o100644 });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk as Uint8Array));
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.concat(chunks) }));
}

/** A deployment once it has ended. */
export function ended(
  codedeploy: CodeDeployClient,
  deploymentId: string,
  timeoutMs?: number,
): Promise<DeploymentInfo> {
  const look = async () => {
    const { deploymentInfo } = await codedeploy.send(new GetDeploymentCommand({ deploymentId }));
    return (
      ['Succeeded', 'Failed', 'Stopped'].includes(deploymentInfo?.status ?? '') && deploymentInfo
    );
  };
  return eventually(`the end of ${deploymentId}`, look, timeoutMs);
}
