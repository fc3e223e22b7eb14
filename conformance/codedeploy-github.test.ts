import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodeDeployClient, CreateDeploymentGroupCommand } from '@aws-sdk/client-codedeploy';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aws } from './aws.ts';
import { ended, makeHosts, makeWeb } from './codedeploy-hosts.ts';
import { startServer, type TestServer } from './server.ts';
import { slipway } from './slipway.ts';

const MINUTE = 60_000;
const COMMIT = 'f'.repeat(40);
const TOKEN = 'ghp_of-the-group';
let server: TestServer;
let forge: Server;
let hosts: ReturnType<typeof makeHosts>;
let asked: [string | undefined, string | undefined][];
let serviceRoleArn: string;

/** A repository's archive, as GitHub makes them: all of it in one directory. */
function tarball(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-forge-'));
  const top = join(directory, 'me-app-ffffff');
  const appSpec =
    'version: 0.0\nos: linux\nfiles: [{source: page, destination: /www}]\nhooks: {AfterInstall: [{location: run.sh}]}\n';
  execFileSync('mkdir', [top]);
  writeFileSync(join(top, 'appspec.yml'), appSpec);
  writeFileSync(join(top, 'page'), 'from the forge');
  writeFileSync(
    join(top, 'run.sh'),
    '#!/bin/sh\necho "$BUNDLE_COMMIT" > "$INSTANCE_PREFIX/commit"\n',
  );
  const made = execFileSync('tar', ['cz', '-C', directory, 'me-app-ffffff']);
  rmSync(directory, { recursive: true });
  return made;
}

beforeAll(async () => {
  const archive = tarball();
  asked = [];
  forge = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    if (request.url === '/archive') return void response.end(archive);
    const found = request.url === `/repos/me/app/tarball/${COMMIT}`;
    response.writeHead(found ? 302 : 404, { location: '/archive' }).end();
  });
  forge.listen(0, '127.0.0.1');
  await once(forge, 'listening');
  const SLIPWAY_UPSTREAM_GITHUB = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
  server = await startServer({ env: { SLIPWAY_UPSTREAM_GITHUB } });
  hosts = makeHosts(server);
  serviceRoleArn = await makeWeb(server);
}, MINUTE);

afterAll(async () => {
  await hosts?.close();
  await server?.stop();
  forge?.close();
});

const create = (group: string, commit = COMMIT) =>
  aws(server)`deploy create-deployment --application-name web --deployment-group-name ${group}
    --github-location repository=me/app,commitId=${commit}`;

const over = (deploymentId: unknown) =>
  ended(new CodeDeployClient(server.client), String(deploymentId));

async function makeGroup(group: string, tags: { Key: string; Value: string }[] = []) {
  const filter = { Key: 'fleet', Value: 'web', Type: 'KEY_AND_VALUE' as const };
  await new CodeDeployClient(server.client).send(
    new CreateDeploymentGroupCommand({
      ...{ applicationName: 'web', deploymentGroupName: group, serviceRoleArn, tags },
      onPremisesInstanceTagFilters: [filter],
    }),
  );
}

test(
  'CD-AGT-09: a commit of a repository in GitHub is deployed, with the token of the group',
  async () => {
    const host = await hosts.add('web', 'web');
    host.startAgent();
    const secret = { Name: 'github', SecretString: JSON.stringify({ Token: TOKEN }) };
    const { ARN } = await new SecretsManagerClient(server.client).send(
      new CreateSecretCommand(secret),
    );
    await makeGroup('private', [{ Key: 'slipway:github-token', Value: 'github' }]);

    const refused = (await create('private')).deploymentId;
    const { errorInformation } = await over(refused);
    expect(errorInformation?.message).toBeDefined();
    expect(asked).toEqual([]);

    const Statement = [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await new IAMClient(server.client).send(
      new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'token', PolicyDocument }),
    );
    const { deploymentId } = await create('private');
    expect(await over(deploymentId)).toMatchObject({
      status: 'Succeeded',
      revision: {
        revisionType: 'GitHub',
        gitHubLocation: { repository: 'me/app', commitId: COMMIT },
      },
    });
    expect(readFileSync(join(host.prefix, 'www/page'), 'utf8')).toBe('from the forge');
    expect(readFileSync(join(host.prefix, 'commit'), 'utf8')).toBe(`${COMMIT}\n`);
    expect(asked[0]).toEqual([`/repos/me/app/tarball/${COMMIT}`, `token ${TOKEN}`]);
    expect(server.log() + host.log()).not.toContain(TOKEN);

    const { stdout } = await slipway(server, ['instances', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        ...{ id: 'web', kind: 'on-premises', state: 'registered', tags: { fleet: 'web' } },
        agentHeardAt: expect.stringMatching(/Z$/),
        lastDeployment: {
          id: deploymentId,
          application: 'web',
          group: 'private',
          status: 'Succeeded',
        },
        files: expect.stringMatching(new RegExp(`/${deploymentId}/deployment-archive$`)),
      },
    ]);

    asked.length = 0;
    await makeGroup('public');
    const gone = await over((await create('public', 'nothing')).deploymentId);
    expect(gone.status).toBe('Failed');
    expect(asked).toEqual([['/repos/me/app/tarball/nothing', undefined]]);
  },
  3 * MINUTE,
);
