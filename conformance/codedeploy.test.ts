import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  type CreateDeploymentCommandInput,
  CreateDeploymentConfigCommand,
  CreateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
  type ErrorCode,
  GetDeploymentTargetCommand,
  type InstanceTarget,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCommandsClient } from '../src/agent/commands-client.ts';
import { aws, knowsEndpointVariable, noAws } from './aws.ts';
import { ended, type Host, makeHosts, makeWeb, putBundle } from './codedeploy-hosts.ts';
import { eventually, randomMoments } from './eventually.ts';
import { missing, succeed } from './run.ts';
import { startServer, type TestServer } from './server.ts';
import { words } from './words.ts';

const MINUTE = 60_000;
const EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
];

let server: TestServer;
let codedeploy: CodeDeployClient;
let hosts: ReturnType<typeof makeHosts>;
let one: Host;
let two: Host;
let roleArn = '';

beforeAll(async () => {
  server = await startServer();
  codedeploy = new CodeDeployClient(server.client);
  hosts = makeHosts(server);
  [one, two] = [await hosts.add('one', 'web'), await hosts.add('two', 'web')];
  one.startAgent();
  two.startAgent();
  roleArn = await makeWeb(server);
}, MINUTE);

afterAll(async () => {
  await hosts?.close();
  await server?.stop();
});

async function makeRole(RoleName: string, service: string): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
  const iam = new IAMClient(server.client);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return Role?.Arn ?? '';
}

async function makeGroup(
  name: string,
  group: Partial<CreateDeploymentGroupCommandInput> = {},
): Promise<void> {
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: 'web',
      deploymentGroupName: name,
      serviceRoleArn: roleArn,
      onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: 'web', Type: 'KEY_AND_VALUE' }],
      ...group,
    }),
  );
}

/** Each group installs into a directory of its own, so that tests do not meet. */
const appspec = (directory: string, hooks: Record<string, string>) =>
  [
    'version: 0.0',
    'os: linux',
    'files:',
    '  - source: content',
    `    destination: /srv/${directory}`,
    'hooks:',
    ...Object.keys(hooks).flatMap((event) => [`  ${event}:`, `    - location: ${event}.sh`]),
    '',
  ].join('\n');

const bundle = (directory: string, version: string, hooks: Record<string, string>) => ({
  'appspec.yml': appspec(directory, hooks),
  'content/version': version,
  ...Object.fromEntries(
    Object.entries(hooks).map(([event, script]) => [`${event}.sh`, `#!/bin/sh\n${script}\n`]),
  ),
});

async function deploy(
  group: string,
  key: string,
  more: Partial<CreateDeploymentCommandInput> = {},
): Promise<string> {
  const { deploymentId = '' } = await codedeploy.send(
    new CreateDeploymentCommand({
      applicationName: 'web',
      deploymentGroupName: group,
      revision: { revisionType: 'S3', s3Location: { bucket: 'bundles', key, bundleType: 'zip' } },
      ...more,
    }),
  );
  return deploymentId;
}

async function target(deploymentId: string, targetId: string): Promise<InstanceTarget> {
  const { deploymentTarget } = await codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId }),
  );
  return deploymentTarget?.instanceTarget ?? {};
}

const statuses = ({ lifecycleEvents }: InstanceTarget) =>
  Object.fromEntries(
    (lifecycleEvents ?? []).map((event) => [event.lifecycleEventName, event.status]),
  );

/** A file on a host, below its prefix. */
const onHost = (host: Host, ...path: string[]) => join(host.prefix, ...path);
const read = (host: Host, ...path: string[]) => readFileSync(onHost(host, ...path), 'utf8');

describe.skipIf(noAws)(`with the aws command${noAws ? ` (skipped: ${noAws})` : ''}`, () => {
  test(
    'CD-REV-04, CD-LCS-01: deploy push, create-deployment, wait deployment-successful',
    async () => {
      const files = bundle('cli', 'one', { ValidateService: 'echo valid' });
      await makeGroup('cli');
      const location = await (knowsEndpointVariable ? push : register)('cli.zip', files);
      const created = await aws(server)`deploy create-deployment --application-name web
        --deployment-group-name cli --s3-location ${location}`;
      const id = String(created.deploymentId);
      expect(id).toMatch(/^d-[A-Z0-9]{9}$/);
      await aws(server)`deploy wait deployment-successful --deployment-id ${id}`;
      for (const host of [one, two]) {
        expect(read(host, 'srv/cli/version')).toBe('one');
        const described = await target(id, host.name);
        expect(described.status).toBe('Succeeded');
        expect(Object.keys(statuses(described))).toEqual(EVENTS);
        expect(new Set(Object.values(statuses(described)))).toEqual(new Set(['Succeeded']));
      }
    },
    2 * MINUTE,
  );
});

/** `aws deploy push`. @returns the revision's location as it says it */
async function push(key: string, files: Record<string, string>): Promise<string> {
  const source = mkdtempSync(join(tmpdir(), 'slipway-source-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  const args = words`--endpoint-url ${server.endpoint} deploy push --application-name web
    --source ${source} --s3-location s3://bundles/${key}`;
  const said = await succeed('aws', args, { env: server.env });
  rmSync(source, { recursive: true });
  const location = /--s3-location (\S+)/.exec(said)?.[1] ?? '';
  expect(location).toMatch(/^bucket=bundles,key=cli.zip,bundleType=zip,eTag=/);
  return location;
}

/** What `push` does, by hand. */
async function register(key: string, files: Record<string, string>): Promise<string> {
  await putBundle(server, 'bundles', key, files);
  const location = `bucket=bundles,key=${key},bundleType=zip`;
  await aws(server)`deploy register-application-revision --application-name web
    --s3-location ${location}`;
  return location;
}

test(
  'CD-CFG-01, CD-MHH-05: one at a time, the second host starts when the first has ended',
  async () => {
    await makeGroup('single');
    await putBundle(
      server,
      'bundles',
      'single.zip',
      bundle('single', '1', { AfterInstall: 'true' }),
    );
    const id = await deploy('single', 'single.zip');
    expect((await ended(codedeploy, id)).status).toBe('Succeeded');
    const times = async (name: string) => {
      const events = (await target(id, name)).lifecycleEvents ?? [];
      return { start: Number(events[0]?.startTime), end: Number(events.at(-1)?.endTime) };
    };
    expect((await times('two')).start).toBeGreaterThanOrEqual((await times('one')).end);
  },
  MINUTE,
);

test(
  'CD-CFG-01: all at once, every host at the same time; CD-SPC-07: what a hook gets to know',
  async () => {
    await makeGroup('all', { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' });
    const meeting = mkdtempSync(join(tmpdir(), 'slipway-meeting-'));
    // Each waits for the other.
    const wait = `env > ${meeting}/$(basename "$(dirname "$INSTANCE_PREFIX")"); for i in $(seq 200); do [ "$(ls ${meeting} | wc -l)" = 2 ] && exit 0; sleep 0.1; done; exit 1`;
    await putBundle(server, 'bundles', 'all.zip', bundle('all', '1', { BeforeInstall: wait }));
    const id = await deploy('all', 'all.zip');
    expect((await ended(codedeploy, id)).status).toBe('Succeeded');
    const env = readFileSync(join(meeting, 'one'), 'utf8');
    expect(env).toContain(`DEPLOYMENT_ID=${id}\n`);
    expect(env).toContain('LIFECYCLE_EVENT=BeforeInstall\n');
    expect(env).toContain('BUNDLE_KEY=all.zip\n');
    expect(env).toContain(`INSTANCE_PREFIX=${one.prefix}\n`);
    expect(env).not.toContain('AWS_SECRET_ACCESS_KEY');
    rmSync(meeting, { recursive: true });
  },
  MINUTE,
);

test(
  'CD-ROL-02: a failing ValidateService rolls back to the last good revision; CD-DEP-06: its log is there',
  async () => {
    await makeGroup('rollback', {
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
    });
    const bad = 'echo looks bad; echo very bad >&2; exit 3';
    await putBundle(
      server,
      'bundles',
      'good.zip',
      bundle('rollback', 'good', { ValidateService: 'true' }),
    );
    await putBundle(
      server,
      'bundles',
      'bad.zip',
      bundle('rollback', 'bad', { ValidateService: bad }),
    );
    const first = await deploy('rollback', 'good.zip');
    expect((await ended(codedeploy, first)).status).toBe('Succeeded');
    const second = await deploy('rollback', 'bad.zip');
    const failed = await ended(codedeploy, second);
    expect(failed).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS' },
    });
    expect(failed.deploymentOverview).toMatchObject({ Failed: 1, Skipped: 1 });
    const broken = await target(second, 'one');
    expect(broken.lifecycleEvents?.at(-1)).toMatchObject({
      status: 'Failed',
      diagnostics: {
        errorCode: 'ScriptFailed',
        scriptName: 'ValidateService.sh',
        message: 'Script at specified location: ValidateService.sh failed with exit code 3',
      },
    });
    const log = broken.lifecycleEvents?.at(-1)?.diagnostics?.logTail ?? '';
    expect(log).toContain('[stdout]looks bad\n');
    expect(log).toContain('[stderr]very bad\n');

    const rollbackId = failed.rollbackInfo?.rollbackDeploymentId ?? '';
    const rollback = await ended(codedeploy, rollbackId);
    expect(rollback).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      rollbackInfo: { rollbackTriggeringDeploymentId: second },
      revision: { s3Location: { key: 'good.zip' } },
    });
    for (const host of [one, two]) expect(read(host, 'srv/rollback/version')).toBe('good');
  },
  2 * MINUTE,
);

test(
  'CD-ROL-01: a stop lets the event in progress end, and skips the rest',
  async () => {
    await makeGroup('stop');
    const gate = mkdtempSync(join(tmpdir(), 'slipway-gate-'));
    const wait = `touch ${gate}/here; for i in $(seq 300); do [ -e ${gate}/go ] && exit 0; sleep 0.1; done; exit 1`;
    await putBundle(server, 'bundles', 'stop.zip', bundle('stop', '1', { BeforeInstall: wait }));
    const id = await deploy('stop', 'stop.zip');
    await eventually('the script', async () => existsSync(join(gate, 'here')));
    await expect(deploy('stop', 'stop.zip')).rejects.toThrow(
      expect.objectContaining({ name: 'DeploymentLimitExceededException' }),
    );
    const stopped = await codedeploy.send(new StopDeploymentCommand({ deploymentId: id }));
    expect(stopped.status).toBe('Pending');
    writeFileSync(join(gate, 'go'), '');
    const end = await ended(codedeploy, id);
    expect(end).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } });
    expect(statuses(await target(id, 'one'))).toMatchObject({
      BeforeInstall: 'Succeeded',
      Install: 'Skipped',
      ValidateService: 'Skipped',
    });
    expect((await target(id, 'two')).status).toBe('Skipped');
    await expect(codedeploy.send(new StopDeploymentCommand({ deploymentId: id }))).rejects.toThrow(
      expect.objectContaining({ name: 'DeploymentAlreadyCompletedException' }),
    );
    rmSync(gate, { recursive: true });
  },
  MINUTE,
);

const nobody = [{ Key: 'nobody', Type: 'KEY_ONLY' as const }];
const FAILURES: [string, ErrorCode, () => Promise<Partial<CreateDeploymentGroupCommandInput>>][] = [
  [
    'CD-DGF-05: a role that does not exist',
    'IAM_ROLE_MISSING',
    async () => ({ serviceRoleArn: roleArn.replace(/deploy$/, 'none') }),
  ],
  [
    'CD-DGF-05: a role that trusts another service',
    'IAM_ROLE_PERMISSIONS',
    async () => ({ serviceRoleArn: await makeRole('other', 'codebuild.amazonaws.com') }),
  ],
  [
    'CD-DEP-10: no instance has the tags',
    'NO_INSTANCES',
    async () => ({ onPremisesInstanceTagFilters: nobody }),
  ],
  [
    'CD-MHH-07: as many healthy hosts as there are',
    'HEALTH_CONSTRAINTS_INVALID',
    async () => {
      const minimumHealthyHosts = { type: 'HOST_COUNT', value: 2 } as const;
      const deploymentConfigName = 'two';
      await codedeploy.send(
        new CreateDeploymentConfigCommand({ deploymentConfigName, minimumHealthyHosts }),
      );
      return { deploymentConfigName };
    },
  ],
];

test.each(FAILURES)('%s fails the deployment with %s', async (_name, code, group) => {
  await makeGroup(`fails-${code}`, await group());
  const end = await ended(codedeploy, await deploy(`fails-${code}`, 'never-fetched.zip'));
  expect(end).toMatchObject({ status: 'Failed', errorInformation: { code } });
});

test(
  'CD-AGT-13: an agent killed in the middle of a script reports the event as failed when it is back',
  async () => {
    const lone = await hosts.add('lone', 'lone');
    lone.startAgent();
    await makeGroup('lone', {
      onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: 'lone', Type: 'KEY_AND_VALUE' }],
    });
    const marker = onHost(lone, 'started');
    const script =
      'echo $$ > "$INSTANCE_PREFIX/pid"; mv "$INSTANCE_PREFIX/pid" "$INSTANCE_PREFIX/started"; sleep 600';
    await putBundle(server, 'bundles', 'lone.zip', bundle('lone', '1', { AfterInstall: script }));
    const id = await deploy('lone', 'lone.zip');
    await eventually('the script', async () => existsSync(marker));
    await lone.stopAgent('SIGKILL');
    const pid = Number(readFileSync(marker, 'utf8'));
    expect(() => process.kill(-pid, 0)).not.toThrow();
    lone.startAgent();
    expect((await ended(codedeploy, id)).status).toBe('Failed');
    const event = (await target(id, 'lone')).lifecycleEvents?.find(
      (e) => e.lifecycleEventName === 'AfterInstall',
    );
    expect(event?.diagnostics?.message).toContain('after an agent restart');
    // The script and what it waited for.
    await eventually('the end of the script', async () => {
      try {
        return !process.kill(-pid, 0);
      } catch {
        return true;
      }
    });
    expect(await lone.stopAgent()).toBe(0);
  },
  MINUTE,
);

describe('the agents’ API', () => {
  const client = (host: Pick<Host, 'keys'>) =>
    makeCommandsClient({
      endpoint: server.endpoint,
      region: server.region,
      credentials: () => host.keys,
      signal: new AbortController().signal,
    });

  test('CD-AGT-02: only the host itself may poll for its commands', async () => {
    const root = {
      keys: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
    };
    for (const caller of [two, root]) {
      await expect(client(caller).pollHostCommand({ HostIdentifier: one.arn })).rejects.toThrow(
        expect.objectContaining({ name: 'AccessDeniedException' }),
      );
    }
  });

  const noOpenssl = missing('openssl', 'version');
  test.skipIf(noOpenssl)(
    `CD-AGT-06, protocol rules 1 to 4: signed specification, one command at a time, first Complete counts${noOpenssl ? ` (skipped: ${noOpenssl})` : ''}`,
    async () => {
      const silent = await hosts.add('silent', 'silent');
      await makeGroup('silent', {
        onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: 'silent', Type: 'KEY_AND_VALUE' }],
      });
      const agent = client(silent);
      const waiting = agent.pollHostCommand({ HostIdentifier: silent.arn });
      const started = Date.now();
      const id = await deploy('silent', 'silent.zip');
      const { HostCommand: command } = await waiting;
      // The held poll is answered when there is work, long before it would have ended.
      expect(Date.now() - started).toBeLessThan(10_000);
      expect(command?.CommandName).toBe('ApplicationStop');
      expect(command?.DeploymentExecutionId).toMatch(/^[^/]+\/[^/]+\/[^/]+\/.+$/);

      const { DeploymentSpecification: specification, invocationId } =
        await agent.getDeploymentSpecification({
          DeploymentExecutionId: command?.DeploymentExecutionId,
          HostIdentifier: silent.arn,
        });
      const { Format, Payload = '' } = specification?.GenericEnvelope ?? {};
      expect(Format).toBe('PKCS7/JSON');
      expect(Payload.length).toBeLessThanOrEqual(8192);
      const verified = execFileSync(
        'openssl',
        ['smime', '-verify', '-CAfile', join(server.dataDir, 'ca.pem'), '-inform', 'PEM'],
        {
          input: Payload,
          stdio: ['pipe', 'pipe', 'ignore'],
        },
      );
      expect(JSON.parse(verified.toString())).toMatchObject({
        DeploymentId: id,
        DeploymentType: 'IN_PLACE',
        Revision: {
          RevisionType: 'S3',
          S3Revision: { Bucket: 'bundles', Key: 'silent.zip', BundleType: 'zip' },
        },
        // What keeps it from serving for anything else.
        HostIdentifier: silent.arn,
        HostCommand: {
          HostCommandIdentifier: command?.HostCommandIdentifier,
          CommandName: 'ApplicationStop',
          CommandStatus: 'Pending',
        },
        InvocationId: invocationId,
      });

      const identifier = { HostCommandIdentifier: command?.HostCommandIdentifier };
      const acknowledged = await agent.putHostCommandAcknowledgement({
        ...identifier,
        Diagnostics: { Format: 'JSON', Payload: '{"IsCommandNoop":false}' },
      });
      expect(acknowledged.CommandStatus).toBe('InProgress');
      const complete = (message: string, error_code: number) =>
        agent.putHostCommandComplete({
          ...identifier,
          CommandStatus: 'Failed',
          Diagnostics: {
            Format: 'JSON',
            Payload: JSON.stringify({ error_code, script_name: 's.sh', message, log: 'the log\n' }),
          },
        });
      await complete('the true one', 4);
      await complete('unknown', 5);
      const end = await ended(codedeploy, id);
      expect(end.status).toBe('Failed');
      expect((await target(id, 'silent')).lifecycleEvents?.[0]?.diagnostics).toEqual({
        errorCode: 'ScriptFailed',
        scriptName: 's.sh',
        message: 'the true one',
        logTail: 'the log\n',
      });
    },
    MINUTE,
  );
});

test(
  'kill -9 of the server at random moments of a deployment: it ends as it would have, and no script runs twice',
  async () => {
    await makeGroup('crash', { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' });
    const note =
      'mkdir -p "$INSTANCE_PREFIX"; echo "$LIFECYCLE_EVENT" >> "$INSTANCE_PREFIX/crash-notes"; sleep 0.2';
    const events = ['BeforeInstall', 'AfterInstall', 'ApplicationStart', 'ValidateService'];
    await putBundle(
      server,
      'bundles',
      'crash.zip',
      bundle('crash', '1', Object.fromEntries(events.map((event) => [event, note]))),
    );
    const id = await deploy('crash', 'crash.zip');
    const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 100_000);
    const moment = randomMoments(seed);
    for (let round = 0; round < 4; round++) {
      await moment(1200);
      await server.kill();
      await server.restart();
    }
    expect((await ended(codedeploy, id)).status, `seed ${seed}`).toBe('Succeeded');
    for (const host of [one, two]) {
      expect(read(host, 'crash-notes').trim().split('\n'), `seed ${seed}`).toEqual(events);
    }
  },
  3 * MINUTE,
);
