import {
  CodePipelineClient,
  CreatePipelineCommand,
  DeletePipelineCommand,
  type PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CodeStarConnectionsClient } from '@aws-sdk/client-codestar-connections';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, world } from '../../testing.ts';
import service from './index.ts';
import { approval, pipelineOf, source, stage } from './model/testing.ts';
import { wants } from './wants.ts';

const CONNECTION = `arn:aws:codestar-connections:us-west-2:${ACCOUNT}:connection/1`;
const TYPE = 'CodeConnections Repository State Change';

it.each([
  ['site', ['build-ended']],
  ['codepipeline/site', ['commands-ended', 'image-build-ended']],
])('the end of a build of %s goes to who may have started it', async (project, names) => {
  const event = { detail: { 'project-name': project } } as never;
  const asked = ['build-ended', 'commands-ended', 'image-build-ended'];
  const wanted = await Promise.all(
    asked.map((name) => wants[`codepipeline/${name}`]?.(undefined as never, event)),
  );
  expect(asked.filter((_, i) => wanted[i])).toEqual(names);
});

eachDialect('what CodePipeline wants to hear of connections', (makeDatabase) => {
  it('is the repositories that pipelines have, in the Region of their connection, while they have them', async () => {
    const connections = { send: async () => ({}), destroy() {} };
    const server = await world(makeDatabase, [service], {
      around: {
        client: (real) => (Client, as) =>
          // biome-ignore lint/suspicious/noExplicitAny: another service's place is taken
          (Client as any) === CodeStarConnectionsClient ? (connections as any) : real(Client, as),
      },
    });
    const Statement = {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { Service: 'codepipeline.amazonaws.com' },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    const role = { RoleName: 'pipeline', AssumeRolePolicyDocument };
    await server.client(IAMClient).send(new CreateRoleCommand(role));
    const actionTypeId = {
      ...{ category: 'Source', owner: 'AWS', version: '1' },
      provider: 'CodeStarSourceConnection',
    } as const;
    const create = async (name: string, more: Record<string, string>) => {
      const its = { ConnectionArn: CONNECTION, FullRepositoryId: 'Me/App', BranchName: 'main' };
      const configuration = { ...its, ...more };
      const { version: _, ...pipeline } = pipelineOf(
        [
          stage('Source', source('Source', { actionTypeId, configuration })),
          stage('Go', approval()),
        ],
        { name, roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline` },
      );
      const declared = pipeline as unknown as PipelineDeclaration;
      await server
        .client(CodePipelineClient)
        .send(new CreatePipelineCommand({ pipeline: declared }));
    };
    const heard = (region: string, repository: string) =>
      server.platform.transaction((tx) =>
        server.platform.events.mayWant(tx, {
          ...{ account: ACCOUNT, region, 'detail-type': TYPE },
          about: `${CONNECTION} ${repository}`,
        }),
      );
    await create('quiet', { DetectChanges: 'false' });
    expect(await heard('us-west-2', 'me/app')).toBe(false);
    await create('site', {});
    expect(await heard('us-west-2', 'me/app')).toBe(true);
    expect(await heard('us-west-2', 'me/other')).toBe(false);
    expect(await heard(REGION, 'me/app')).toBe(false);
    await server.client(CodePipelineClient).send(new DeletePipelineCommand({ name: 'site' }));
    expect(await heard('us-west-2', 'me/app')).toBe(false);
  });
});
