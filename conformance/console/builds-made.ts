import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { type Host, makeHosts, makeWeb, putBundle } from '../codedeploy-hosts.ts';
import { eventually } from '../eventually.ts';
import type { TestServer } from '../server.ts';

/** Runs in a page that takes it for markup. */
export const XSS = '<img src=x onerror="window.stolen=1">';

const doc = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

const JUNIT = `<testsuites><testsuite name="shop"><testcase classname="cart" name="adds" time="0.2"/><testcase classname="cart" name="${XSS.replaceAll('<', '&lt;').replaceAll('"', '&quot;')}" time="1.5"><failure message="expected 2, was 3">at cart.js:7 ${XSS.replaceAll('<', '&lt;')}</failure></testcase></testsuite></testsuites>`;
const CLOVER = `<?xml version="1.0"?><coverage generated="1"><project timestamp="1"><file name="cart.js" path="cart.js"><line num="1" count="1" type="stmt"/><line num="2" count="0" type="stmt"/><metrics statements="2" coveredstatements="1"/></file></project></coverage>`;

const BUILDSPEC = `version: 0.2
env: {exported-variables: [ANSWER]}
phases:
  install: {commands: ["printf '\\\\033[32mgreen\\\\033[0m and \\\\033[1;31mred\\\\033[0m\\\\n'"]}
  build:
    commands:
      - export ANSWER=42
      - 'echo "log says $TEXT"'
      - 'seq -f "line %g of many" 1 \${LINES_OF_LOG:-40}'
      - 'printf "%s" "$JUNIT" > junit.xml; printf "%s" "$CLOVER" > clover.xml'
      - 'exit \${CODE:-0}'
artifacts: {files: [junit.xml]}
reports:
  tests: {files: [junit.xml], file-format: JUNITXML}
  lines: {files: [clover.xml], file-format: CLOVERXML}
`;

/** The project `shop` with a role; values with markup in its variables. */
export async function makeProject({ client }: TestServer): Promise<string> {
  const iam = new IAMClient(client);
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'builder',
      AssumeRolePolicyDocument: doc({
        ...{ Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' },
      }),
    }),
  );
  const actions = ['logs:*', 's3:*', 'codebuild:*', 'ssmmessages:*'];
  await iam.send(
    new PutRolePolicyCommand({
      ...{ RoleName: 'builder', PolicyName: 'build' },
      PolicyDocument: doc({ Action: actions, Resource: '*' }),
    }),
  );
  const variable = (name: string, value: string) => ({ name, value, type: 'PLAINTEXT' as const });
  await new CodeBuildClient(client).send(
    new CreateProjectCommand({
      ...{ name: 'shop', description: `The shop ${XSS}`, serviceRole: Role?.Arn ?? '' },
      source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
      artifacts: { type: 'S3', location: 'bundles' },
      environment: {
        ...{ type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL', image: 'alpine' },
        environmentVariables: [
          ...[variable('TEXT', XSS), variable('JUNIT', JUNIT), variable('CLOVER', CLOVER)],
          variable('DB_PASSWORD', 'hunter2hunter2'),
        ],
      },
    }),
  );
  return Role?.Arn ?? '';
}

/** @returns the build's id */
export async function startBuild({ client }: TestServer, variables: Record<string, string> = {}) {
  const { build } = await new CodeBuildClient(client).send(
    new StartBuildCommand({
      projectName: 'shop',
      environmentVariablesOverride: Object.entries(variables).map(([name, value]) => ({
        ...{ name, value, type: 'PLAINTEXT' as const },
      })),
    }),
  );
  return build?.id ?? '';
}

/** Waits for a build's end. */
export function buildEnded({ client }: TestServer, id: string) {
  return eventually(`the end of ${id}`, async () => {
    const { builds } = await new CodeBuildClient(client).send(
      new BatchGetBuildsCommand({ ids: [id] }),
    );
    return builds?.[0]?.buildComplete && builds[0];
  });
}

/** Application `web`, group `prod` with two hosts: on one AfterInstall fails, and says markup. */
export async function makeDeployments(server: TestServer) {
  const hosts = makeHosts(server);
  const serviceRoleArn = await makeWeb(server);
  const made: Host[] = [await hosts.add('one', 'prod'), await hosts.add('two', 'prod')];
  for (const host of made) host.startAgent();
  const names = { applicationName: 'web', deploymentGroupName: 'prod' };
  const codedeploy = new CodeDeployClient(server.client);
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...{ ...names, serviceRoleArn, deploymentConfigName: 'CodeDeployDefault.AllAtOnce' },
      onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: 'prod', Type: 'KEY_AND_VALUE' }],
    }),
  );
  const deploy = async (key: string, script: string, description: string) => {
    await putBundle(server, 'bundles', key, {
      'appspec.yml':
        'version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv}]\nfile_exists_behavior: OVERWRITE\nhooks: {AfterInstall: [{location: after.sh}]}\n',
      'after.sh': `#!/bin/sh\n${script}\n`,
    });
    const { deploymentId = '' } = await codedeploy.send(
      new CreateDeploymentCommand({
        ...{ ...names, description },
        revision: { revisionType: 'S3', s3Location: { bucket: 'bundles', key, bundleType: 'zip' } },
      }),
    );
    return deploymentId;
  };
  return { deploy, close: () => hosts.close() };
}
