import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';
import { slipway } from './slipway.ts';

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** AWS's documented examples, in their shapes. */
describe.skipIf(noAws)('the aws command with connections', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  test('CX-OP-01, CX-OP-09, CX-OP-16, CX-OP-05: a connection', async () => {
    const made = await aws(server)`codestar-connections create-connection
      --provider-type Bitbucket --connection-name MyConnection`;
    const pattern = `^arn:aws:codestar-connections:us-east-1:000000000000:connection/${UUID}$`;
    expect(made).toEqual({ ConnectionArn: expect.stringMatching(pattern) });
    const arn = String(made.ConnectionArn);
    const view = {
      ...{ ConnectionName: 'MyConnection', ConnectionArn: arn, ProviderType: 'Bitbucket' },
      ...{ OwnerAccountId: '000000000000', ConnectionStatus: 'PENDING' },
    };
    expect(await aws(server)`codestar-connections get-connection --connection-arn ${arn}`).toEqual({
      Connection: view,
    });
    expect(
      await aws(server)`codestar-connections list-connections
        --provider-type Bitbucket --max-results 5`,
    ).toEqual({ Connections: [view] });
    expect(await aws(server)`codestar-connections list-connections --provider-type GitHub`).toEqual(
      { Connections: [] },
    );
    expect(
      await aws(server)`codestar-connections delete-connection --connection-arn ${arn}`,
    ).toEqual({});
    expect(
      await awsError(server)`codestar-connections get-connection --connection-arn ${arn}`,
    ).toMatch(/^ResourceNotFoundException: /);
  });

  test('CX-OP-02, CX-OP-10, CX-OP-17, CX-OP-24, CX-OP-06: a host, and a connection to it', async () => {
    // Version 1 of aws reads what is at a URL that it is given.
    const host = {
      ProviderType: 'GitHubEnterpriseServer',
      ProviderEndpoint: 'https://my-instance.dev',
    };
    const made = await aws(server)`codestar-connections create-host
      --cli-input-json ${JSON.stringify({ Name: 'MyHost', ...host })}`;
    const pattern = '^arn:aws:codestar-connections:us-east-1:000000000000:host/MyHost-[0-9a-f]{8}$';
    expect(made).toEqual({ HostArn: expect.stringMatching(pattern) });
    const arn = String(made.HostArn);
    const its = { Name: 'MyHost', ProviderType: 'GitHubEnterpriseServer' };
    const endpoint = { ProviderEndpoint: 'https://my-instance.dev', Status: 'PENDING' };
    expect(await aws(server)`codestar-connections get-host --host-arn ${arn}`).toEqual({
      ...{ ...its, ...endpoint },
    });
    expect(await aws(server)`codestar-connections list-hosts`).toEqual({
      Hosts: [{ ...its, ...endpoint, HostArn: arn }],
    });
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --host-arn ${arn} --connection-name there`;
    expect(await awsError(server)`codestar-connections delete-host --host-arn ${arn}`).toMatch(
      /^ResourceUnavailableException: /,
    );
    await aws(server)`codestar-connections delete-connection
      --connection-arn ${String(ConnectionArn)}`;
    const update = { HostArn: arn, ProviderEndpoint: 'https://other.dev' };
    await aws(server)`codestar-connections update-host --cli-input-json ${JSON.stringify(update)}`;
    expect(await aws(server)`codestar-connections get-host --host-arn ${arn}`).toMatchObject({
      ProviderEndpoint: 'https://other.dev',
    });
    expect(await aws(server)`codestar-connections delete-host --host-arn ${arn}`).toEqual({});
    const vpc = {
      ...{ VpcId: 'vpc-12345678', SubnetIds: ['subnet-12345678'] },
      SecurityGroupIds: ['sg-12345678'],
    };
    expect(
      await awsError(server)`codestar-connections create-host
        --cli-input-json ${JSON.stringify({ Name: 'v', ...host, VpcConfiguration: vpc })}`,
    ).toMatch(/^NotImplemented: .*VpcConfiguration/);
  });

  test('CX-OP-21, CX-OP-22, CX-OP-23: tags', async () => {
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --provider-type GitHub --connection-name tagged --tags Key=ReadOnly,Value=true`;
    const arn = String(ConnectionArn);
    expect(
      await aws(server)`codestar-connections tag-resource --resource-arn ${arn}
        --tags Key=Project,Value=ProjectA Key=IscontainerBased,Value=true`,
    ).toEqual({});
    await aws(server)`codestar-connections untag-resource --resource-arn ${arn}
      --tag-keys IscontainerBased`;
    const { Tags } = await aws(server)`codestar-connections list-tags-for-resource
      --resource-arn ${arn}`;
    expect(Tags).toHaveLength(2);
    expect(Tags).toEqual(
      expect.arrayContaining([
        { Key: 'Project', Value: 'ProjectA' },
        { Key: 'ReadOnly', Value: 'true' },
      ]),
    );
  });

  test('CX-OP-03, CX-OP-04: repository links need a complete connection, and what cannot be synced is refused', async () => {
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --provider-type GitHub --connection-name linked`;
    const arn = String(ConnectionArn);
    const link = () => aws(server)`codestar-connections create-repository-link
      --connection-arn ${arn} --owner-id me --repository-name app`;
    await expect(link()).rejects.toThrow('InvalidInputException');
    expect((await slipway(server, ['connection', 'complete', arn])).code).toBe(0);
    const { RepositoryLinkInfo } = await link();
    const { RepositoryLinkId: id } = RepositoryLinkInfo as Record<string, string>;
    expect(RepositoryLinkInfo).toMatchObject({ OwnerId: 'me', RepositoryName: 'app' });
    await expect(link()).rejects.toThrow('ResourceAlreadyExistsException');
    const role = `arn:aws:iam::${server.accountId}:role/sync`;
    expect(
      await awsError(server)`codestar-connections create-sync-configuration --branch main
        --config-file stack.yaml --repository-link-id ${id ?? ''} --resource-name stack
        --role-arn ${role} --sync-type CFN_STACK_SYNC`,
    ).toMatch(/^NotImplemented: .*CFN_STACK_SYNC/);
    expect(
      await aws(server)`codestar-connections list-sync-configurations
        --repository-link-id ${id ?? ''} --sync-type CFN_STACK_SYNC`,
    ).toEqual({ SyncConfigurations: [] });
    await aws(server)`codestar-connections delete-repository-link --repository-link-id ${id ?? ''}`;
    expect(await aws(server)`codestar-connections list-repository-links`).toEqual({
      RepositoryLinks: [],
    });
  });
});
