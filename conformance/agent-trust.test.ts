import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentTargetCommand,
} from '@aws-sdk/client-codedeploy';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { certificateAuthority, signerCertificate } from '../src/lib/certificates.ts';
import { lockFile } from '../src/lib/data-dir-lock.ts';
import { signMessage } from '../src/lib/signed-message.ts';
import { ended, type Host, makeHosts, makeWeb, putBundle } from './codedeploy-hosts.ts';
import { type Swap, startManInTheMiddle } from './man-in-the-middle.ts';
import { startServer, type TestServer } from './server.ts';

const MINUTE = 60_000;

let server: TestServer;
let codedeploy: CodeDeployClient;
let roleArn = '';
let evilBundle: Buffer;
let stranger: ReturnType<typeof makeStranger>;

let middle: Awaited<ReturnType<typeof startManInTheMiddle>>;
let hosts: ReturnType<typeof makeHosts> | undefined;
let number = 0;

beforeAll(async () => {
  server = await startServer();
  codedeploy = new CodeDeployClient(server.client);
  stranger = makeStranger();
  const named = await (await fetch(`${server.endpoint}/_slipway/ca.pem`)).text();
  expect(readFileSync(join(server.dataDir, 'ca.pem'), 'utf8')).toBe(named);
  roleArn = await makeWeb(server);
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  for (const key of ['good', 'evil'])
    await putBundle(server, 'bundles', `${key}.zip`, {
      'appspec.yml': 'version: 0.0\nos: linux\nhooks:\n  BeforeInstall:\n    - location: hook.sh\n',
      'hook.sh': `#!/bin/sh\nmkdir -p "$INSTANCE_PREFIX" && touch "$INSTANCE_PREFIX/${key}"\n`,
    });
  const evil = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'evil.zip' }));
  evilBundle = Buffer.from((await evil.Body?.transformToByteArray()) ?? []);
}, MINUTE);

afterAll(async () => {
  stranger?.remove();
  await server?.stop();
});

beforeEach(async () => {
  middle = await startManInTheMiddle(server.endpoint);
});

afterEach(async () => {
  await hosts?.close();
  middle.close();
});

/** A host that takes the man in the middle for its server, and a deployment group of it alone. */
async function makeHost(): Promise<Host> {
  const name = `host-${++number}`;
  hosts = makeHosts({ ...server, endpoint: middle.endpoint });
  const host = await hosts.add(name, name);
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: 'web',
      deploymentGroupName: name,
      serviceRoleArn: roleArn,
      onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: name, Type: 'KEY_AND_VALUE' }],
    }),
  );
  return host;
}

/** Somebody with a CA of his own, which certifies him for what the server's certifies the server. */
function makeStranger() {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-stranger-'));
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const signer = { key, certificate: signerCertificate(directory, key) };
  const { pem } = certificateAuthority(directory);
  return {
    ca: Buffer.from(pem),
    sign: (content: string) => signMessage(content, signer),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** The answer with the specification that `change` makes of the true one, which anybody can read. */
function resigned(answer: Buffer, change: (specification: string) => string): Buffer {
  const output = JSON.parse(answer.toString());
  const envelope = output.DeploymentSpecification.GenericEnvelope;
  const der = Buffer.from(envelope.Payload.replace(/-----[^-]+-----/g, ''), 'base64');
  const content = /\{"ApplicationId".*?"InvocationId":"[^"]*"\}/s.exec(der.toString('latin1'))?.[0];
  if (!content) throw new Error('The specification was not found');
  envelope.Payload = stranger.sign(change(content));
  return Buffer.from(JSON.stringify(output));
}

/** The whole attack: specification, bundle and the name of the CA. */
const takeOver: Swap = ({ operation, path }, body) => {
  if (path === '/_slipway/ca.pem') return stranger.ca;
  if (path.startsWith('/bundles/good.zip')) return evilBundle;
  if (operation !== 'GetDeploymentSpecification') return undefined;
  return resigned(body, (text) => text.replace(/"ChecksumSHA256":"[^"]*",?/, ''));
};

/** Deploys the good bundle. @returns how it ended, and what the host said */
async function deploy(host: Host): Promise<{ status?: string; message: string }> {
  const { deploymentId = '' } = await codedeploy.send(
    new CreateDeploymentCommand({
      applicationName: 'web',
      deploymentGroupName: host.name,
      revision: {
        revisionType: 'S3',
        s3Location: { bucket: 'bundles', key: 'good.zip', bundleType: 'zip' },
      },
    }),
  );
  const { status } = await ended(codedeploy, deploymentId);
  const { deploymentTarget } = await codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId: host.name }),
  );
  const events = deploymentTarget?.instanceTarget?.lifecycleEvents ?? [];
  const message = events.map((event) => event.diagnostics?.message ?? '').join('');
  return { status, message };
}

const ran = (host: Host) => ['good', 'evil'].filter((name) => existsSync(join(host.prefix, name)));

test(
  'a specification that another CA has signed is refused by a host that was given the CA',
  async () => {
    middle.become(takeOver);
    const host = await makeHost();
    appendFileSync(
      join(host.rootDir, '..', 'codedeploy.onpremises.yml'),
      `ca_bundle: ${join(server.dataDir, 'ca.pem')}\n`,
    );
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: [] });
    expect(message).toContain('its certificate is of another CA');
  },
  MINUTE,
);

test(
  'a specification that another CA has signed is refused by a host that has met its server before',
  async () => {
    const host = await makeHost();
    host.startAgent();
    expect((await deploy(host)).status).toBe('Succeeded');
    expect(ran(host)).toEqual(['good']);
    await host.stopAgent();
    middle.become(takeOver);
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: ['good'] });
    expect(message).toContain('its certificate is of another CA');
    expect(host.log()).toContain(`remove ${join(host.rootDir, 'trusted-ca.json')}`);
    expect(host.log()).toMatch(/: d-[0-9A-Z]{9}: ApplicationStop failed: /);
  },
  MINUTE,
);

test(
  'a bundle that was swapped on the way is not unpacked',
  async () => {
    middle.become(({ path }) => (path.startsWith('/bundles/good.zip') ? evilBundle : undefined));
    const host = await makeHost();
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: [] });
    expect(message).toContain('the deployment specification says');
  },
  MINUTE,
);

test(
  'of a bundle that was swapped for a longer one no more is read than the specification says',
  async () => {
    const longer = Buffer.concat([evilBundle, Buffer.alloc(1024 * 1024)]);
    middle.become(({ path }) => (path.startsWith('/bundles/good.zip') ? longer : undefined));
    const host = await makeHost();
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: [] });
    expect(message).toMatch(/The bundle is longer than \d{2,5} bytes/);
  },
  MINUTE,
);

test(
  'a genuine specification does not serve a second time',
  async () => {
    let first: Buffer | undefined;
    middle.become(({ operation }, body) => {
      if (operation !== 'GetDeploymentSpecification') return undefined;
      first ??= body;
      return first;
    });
    const host = await makeHost();
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: [] });
    expect(message).toContain('made for another');
  },
  MINUTE,
);

test(
  'a host does not execute another command than the one that the server has offered',
  async () => {
    middle.become(({ operation }, body) =>
      operation === 'PollHostCommand'
        ? Buffer.from(body.toString().replace('"ApplicationStop"', '"Install"'))
        : undefined,
    );
    const host = await makeHost();
    host.startAgent();
    const { status, message } = await deploy(host);
    expect({ status, ran: ran(host) }).toEqual({ status: 'Failed', ran: [] });
    expect(message).toContain('made for another command');
  },
  MINUTE,
);

/** An agent that does not get as far as its server. */
function startAlone(rootDir: string, host: Host) {
  const config = join(host.rootDir, '..', 'codedeploy.onpremises.yml');
  const args = ['agent', '--config', config, '--root-dir', rootDir];
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, said: stderr };
}

test('an agent whose root directory cannot be made, or is another’s that runs, says so', async () => {
  const host = await makeHost();
  expect(startAlone('/proc/slipway/root', host)).toEqual({
    status: 1,
    said: 'slipway agent: --root-dir /proc/slipway/root cannot be made: No such file or directory\n',
  });
  mkdirSync(host.rootDir);
  const release = lockFile(join(host.rootDir, 'agent.lock'), 'taken');
  expect(startAlone(host.rootDir, host)).toEqual({
    status: 1,
    said: `slipway agent: Another agent uses ${host.rootDir}: it has to be ended first.\n`,
  });
  release();
});
