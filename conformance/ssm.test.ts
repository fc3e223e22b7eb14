import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 180_000 };

describe('Parameter Store', () => {
  let server: TestServer;
  let ssm: SSMClient;

  beforeAll(async () => {
    server = await startServer();
    ssm = new SSMClient(server.client);
  });
  afterAll(async () => {
    ssm?.destroy();
    await server?.stop();
  });

  it('a SecureString survives a restart of the server', async () => {
    await ssm.send(
      new PutParameterCommand({ Name: '/app/key', Value: 'hunter2', Type: 'SecureString' }),
    );
    await server.kill();
    await server.restart();
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: '/app/key', WithDecryption: true }),
    );
    expect(Parameter?.Value).toBe('hunter2');
    expect(server.log()).not.toContain('hunter2');
  });

  describe.skipIf(noAws)('the aws command', SLOW, () => {
    const put = (name: string, value: string, ...more: string[]) =>
      aws(server)`ssm put-parameter --name ${name} --value ${value} ${more}`;

    it('puts, reads, lists and deletes', async () => {
      expect(await put('/cli/a', 'one', '--type', 'String')).toEqual({
        Version: 1,
        Tier: 'Standard',
      });
      expect(await put('/cli/a', 'two', '--overwrite')).toEqual({ Version: 2, Tier: 'Standard' });
      await put('/cli/b', 'x,y', '--type', 'StringList');
      const one = await aws(server)`ssm get-parameter --name /cli/a:1`;
      expect(one.Parameter).toMatchObject({ Value: 'one', Selector: ':1' });
      const all = await aws(server)`ssm get-parameters-by-path --path /cli`;
      expect(all.Parameters).toMatchObject([
        { Name: '/cli/a' },
        { Name: '/cli/b', Type: 'StringList' },
      ]);
      const filter = 'Key=Type,Values=StringList';
      const described = await aws(server)`ssm describe-parameters --parameter-filters ${filter}`;
      expect(described.Parameters).toMatchObject([{ Name: '/cli/b' }]);
      await aws(server)`ssm delete-parameter --name /cli/a`;
    });

    it("answers mistakes in AWS's words", async () => {
      await put('/cli/c', 'x', '--type', 'String');
      expect(await awsError(server)`ssm get-parameter --name /cli/none`).toBe(
        'ParameterNotFound: ',
      );
      expect(await awsError(server)`ssm put-parameter --name /cli/c --value y --type String`).toBe(
        'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
      expect(await awsError(server)`ssm put-parameter --name /cli/d --value y --type Text`).toBe(
        "ValidationException: 1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: " +
          'Member must satisfy enum value set: [String, StringList, SecureString]',
      );
      const key = ['--type', 'SecureString', '--key-id', 'alias/none'];
      expect(await awsError(server)`ssm put-parameter --name /cli/e --value y ${key}`).toMatch(
        /^InvalidKeyId: Alias arn:aws:kms:us-east-1:000000000000:alias\/none is not found/,
      );
      expect(await awsError(server)`ssm list-documents`).toMatch(
        /^NotImplemented: .*ssm:ListDocuments/,
      );
    });
  });
});
