import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentTargetCommand,
} from '@aws-sdk/client-codedeploy';
import { GetUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, type Host, makeHosts, makeWeb, putBundle } from './codedeploy-hosts.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const MINUTE = 60_000;
let server: TestServer;
let codedeploy: CodeDeployClient;
let hosts: ReturnType<typeof makeHosts>;
let serviceRoleArn: string | undefined;

beforeAll(async () => {
  server = await startServer();
  codedeploy = new CodeDeployClient(server.client);
  hosts = makeHosts(server);
  serviceRoleArn = await makeWeb(server);
}, MINUTE);

afterAll(async () => {
  await hosts?.close();
  await server?.stop();
});

/** Deploys a bundle to one host, by its name as its tag; without files there is none. */
async function deploy(
  host: Pick<Host, 'name'>,
  files?: Record<string, string>,
  tags: { Key: string; Value: string }[] = [],
): Promise<string> {
  const names = { applicationName: 'web', deploymentGroupName: host.name };
  const filter = { Key: 'fleet', Value: host.name, Type: 'KEY_AND_VALUE' as const };
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...{ ...names, serviceRoleArn, onPremisesInstanceTagFilters: [filter], tags },
    }),
  );
  if (files) await putBundle(server, 'bundles', `${host.name}.zip`, files);
  const s3Location = { bucket: 'bundles', key: `${host.name}.zip`, bundleType: 'zip' } as const;
  const { deploymentId = '' } = await codedeploy.send(
    new CreateDeploymentCommand({ ...names, revision: { revisionType: 'S3', s3Location } }),
  );
  return deploymentId;
}

async function eventOf(deploymentId: string, host: Host, name: string) {
  const { deploymentTarget } = await codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId: host.name }),
  );
  const events = deploymentTarget?.instanceTarget?.lifecycleEvents;
  return events?.find((event) => event.lifecycleEventName === name);
}

/** A revision whose AfterInstall waits until it is let through. */
const WAITING = {
  'appspec.yml':
    'version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv}]\nhooks: {AfterInstall: [{location: gate.sh}]}\n',
  'gate.sh': `#!/bin/sh
env > "$INSTANCE_PREFIX/env"
touch "$INSTANCE_PREFIX/here"
for i in $(seq 300); do [ -e "$INSTANCE_PREFIX/go" ] && exit 0; sleep 0.1; done
exit 1
`,
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  'CD-AGT-13: %s to the process group finishes the command in progress and exits 0; the next agent goes on',
  async (signal) => {
    const host = await hosts.add(signal.toLowerCase(), signal.toLowerCase());
    host.startAgentInGroup();
    const id = await deploy(host, WAITING);
    const on = (name: string) => join(host.prefix, name);
    await eventually('the script', async () => existsSync(on('here')));
    host.signalGroup(signal);
    await eventually('the notice', async () =>
      host.log().includes(`${signal}: a command in progress`),
    );
    // The launcher sends it on, and somebody in a hurry sends it again.
    host.signalGroup(signal);
    writeFileSync(on('go'), '');
    expect(await host.exitCode()).toBe(0);
    expect((await eventOf(id, host, 'AfterInstall'))?.status).toBe('Succeeded');

    host.startAgent();
    expect((await ended(codedeploy, id)).status).toBe('Succeeded');

    const env = readFileSync(on('env'), 'utf8');
    expect(env).toContain(`AWS_REGION=${server.region}\n`);
    expect(env).toContain(`AWS_HOST_IDENTIFIER=${host.arn}\n`);
    expect(env).not.toContain(host.keys.secretAccessKey);
    // The agent's log is a file, and what it says there is said on stderr too.
    const log = readFileSync(join(host.rootDir, 'codedeploy-agent.log'), 'utf8');
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d INFO {2}\[codedeploy-agent\(\d+\)\]: /);
    expect(log).toContain(`${id}: AfterInstall Succeeded.\n`);
    await host.stopAgent();
    expect(readFileSync(join(host.rootDir, 'codedeploy-agent.log'), 'utf8')).toBe(host.log());
  },
  MINUTE,
);

test(
  'CD-AGT-13: an agent that is to end still reports its command when the server is back',
  async () => {
    const host = await hosts.add('patient', 'patient');
    host.startAgentInGroup();
    const id = await deploy(host, WAITING);
    await eventually('the script', async () => existsSync(join(host.prefix, 'here')));
    await server.kill();
    host.signalGroup('SIGTERM');
    await eventually('the notice', async () =>
      host.log().includes('SIGTERM: a command in progress'),
    );
    writeFileSync(join(host.prefix, 'go'), '');
    await eventually('the end', async () => host.log().includes(`${id}: AfterInstall Succeeded.`));
    await server.restart();
    expect(await host.exitCode()).toBe(0);
    expect((await eventOf(id, host, 'AfterInstall'))?.status).toBe('Succeeded');
  },
  MINUTE,
);

test('CD-AGT-09: of a revision that is not in S3 the message is S3’s own', async () => {
  const host = await hosts.add('empty', 'empty');
  host.startAgent();
  const id = await deploy(host);
  expect((await ended(codedeploy, id)).status).toBe('Failed');
  expect((await eventOf(id, host, 'DownloadBundle'))?.diagnostics).toMatchObject({
    errorCode: 'UnknownError',
    message: 'The specified key does not exist.',
  });
});

const TALKING = {
  'appspec.yml':
    'version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv}]\nhooks: {AfterInstall: [{location: say.sh}], ValidateService: [{location: fail.sh}]}\n',
  'say.sh': '#!/bin/sh\necho "  hello"\n',
  'fail.sh': '#!/bin/sh\necho broken\nexit 3\n',
};
const ASKING = [{ Key: 'slipway:logs', Value: 'true' }];
const LOG_GROUP = '/aws/codedeploy/web';

test(
  'CD-EVT-04: a host tells the log group what hooks say where the deployment group asks for it',
  async () => {
    const logs = new CloudWatchLogsClient(server.client);
    const host = await hosts.add('teller', 'teller');
    await new IAMClient(server.client).send(
      new PutUserPolicyCommand({
        ...{ UserName: host.name, PolicyName: 'logs' },
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            ...{ Effect: 'Allow', Resource: `arn:aws:logs:*:*:log-group:${LOG_GROUP}:*` },
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
          },
        }),
      }),
    );
    host.startAgent();
    const id = await deploy(host, TALKING, ASKING);
    expect((await ended(codedeploy, id)).status).toBe('Failed');
    const said = async () => {
      const asked = { logGroupName: LOG_GROUP, logStreamNames: [`${id}/teller`] };
      const found = await logs.send(new FilterLogEventsCommand(asked)).catch(() => undefined);
      return found?.events?.map(({ message }) => message) ?? [];
    };
    await eventually('the last line', async () =>
      (await said()).includes('[codedeploy-agent]ValidateService Failed.'),
    );
    const agent = (name: string, how: string) => `[codedeploy-agent]${name} ${how}.`;
    expect(await said()).toEqual([
      ...[agent('DownloadBundle', 'begins'), agent('DownloadBundle', 'Succeeded')],
      ...[agent('Install', 'begins'), agent('Install', 'Succeeded')],
      ...[agent('AfterInstall', 'begins'), 'LifecycleEvent - AfterInstall', 'Script - say.sh'],
      ...['[stdout]  hello', agent('AfterInstall', 'Succeeded')],
      ...[agent('ValidateService', 'begins'), 'LifecycleEvent - ValidateService'],
      ...['Script - fail.sh', '[stdout]broken'],
      '[codedeploy-agent]ValidateService failed: Script at specified location: fail.sh failed with exit code 3',
      agent('ValidateService', 'Failed'),
    ]);
  },
  MINUTE,
);

test(
  'a host that may not tell the log group deploys all the same, and says so; one that nobody asks is silent',
  async () => {
    const host = await hosts.add('silent', 'silent');
    host.startAgent();
    const quiet = { ...TALKING, 'fail.sh': '#!/bin/sh\n' };
    const id = await deploy(host, quiet, ASKING);
    expect((await ended(codedeploy, id)).status).toBe('Succeeded');
    await eventually('the warning', async () =>
      host.log().includes(`The log group ${LOG_GROUP} cannot be told: User: ${host.arn}`),
    );
    const other = await hosts.add('unasked', 'unasked');
    other.startAgent();
    expect((await ended(codedeploy, await deploy(other, quiet))).status).toBe('Succeeded');
    expect(other.log()).not.toContain('cannot be told');
  },
  MINUTE,
);

test(
  '--register makes the machine an instance that deployments find, once; what cannot be registered leaves nothing behind',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'slipway-register-'));
    const config = join(home, 'conf', 'codedeploy.onpremises.yml');
    const start = (name: string, file = config, ...more: string[]) => {
      const dirs = ['--root-dir', join(home, 'root'), '--prefix', join(home, 'fs')];
      const args = ['src/cli/main.ts', 'agent', '--register', name, '--config', file];
      const child = spawn(process.execPath, [...process.execArgv, ...args, ...dirs, ...more], {
        ...{ env: server.env, stdio: ['ignore', 'ignore', 'pipe'] },
      });
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said += chunk;
      });
      return { child, said: () => said };
    };
    const code = async ({ child }: { child: ChildProcess }) =>
      child.exitCode ?? (await once(child, 'exit'))[0];
    const agents = [start('newcomer', config, '--tag', 'fleet=newcomer')];
    try {
      await eventually('the agent', async () => agents[0]?.said().includes(' polls '));
      const files = { 'appspec.yml': 'version: 0.0\nos: linux\n' };
      const id = await deploy({ name: 'newcomer' }, files);
      expect((await ended(codedeploy, id)).status).toBe('Succeeded');
      expect(statSync(config).mode & 0o777).toBe(0o600);
      agents[0]?.child.kill();
      if (agents[0]) await code(agents[0]);

      const again = start('newcomer');
      agents.push(again);
      await eventually('the agent again', async () => again.said().includes(' polls '));
      expect(again.said()).toContain('newcomer is registered already');

      const elsewhere = join(home, 'other.yml');
      for (const [name, file, tag, why] of [
        ['another', config, 'a=b', 'needs another --config'],
        ['unlucky', elsewhere, `${'k'.repeat(129)}=v`, 'tag was specified'],
      ] as const) {
        const refused = start(name, file, '--tag', tag);
        expect(await code(refused)).toBe(1);
        expect(refused.said()).toContain(`${name} cannot be registered: `);
        expect(refused.said()).toContain(why);
        expect(existsSync(elsewhere)).toBe(false);
      }
      const user = new GetUserCommand({ UserName: 'unlucky' });
      await expect(new IAMClient(server.client).send(user)).rejects.toThrow(/unlucky/);
    } finally {
      for (const { child } of agents) child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    }
  },
  MINUTE,
);
