import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 180_000 };

describe('Secrets Manager', () => {
  let server: TestServer;
  let secrets: SecretsManagerClient;

  beforeAll(async () => {
    server = await startServer();
    secrets = new SecretsManagerClient(server.client);
  });
  afterAll(async () => {
    secrets?.destroy();
    await server?.stop();
  });

  it('a value survives a restart of the server, and nothing on disk or in the log shows it', async () => {
    const value = 'correct horse battery staple';
    await secrets.send(new CreateSecretCommand({ Name: 'app/db', SecretString: value }));
    await server.kill();
    await server.restart();
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'app/db' }));
    expect(SecretString).toBe(value);
    const files = readdirSync(server.dataDir, { withFileTypes: true, recursive: true }).filter(
      (file) => file.isFile(),
    );
    const showing = files.filter((file) =>
      readFileSync(join(file.parentPath, file.name)).includes(value),
    );
    expect(showing.map((file) => file.name)).toEqual([]);
    expect(server.log()).not.toContain(value);
  });

  describe.skipIf(noAws)('the aws command', SLOW, () => {
    it('creates, reads, changes, deletes and restores', async () => {
      const { ARN } = await aws(server)`secretsmanager create-secret --name cli
        --secret-string one`;
      expect(ARN).toMatch(/:secret:cli-[A-Za-z0-9]{6}$/);
      await aws(server)`secretsmanager put-secret-value --secret-id ${String(ARN)}
        --secret-string two`;
      const get = (...more: string[]) =>
        aws(server)`secretsmanager get-secret-value --secret-id cli ${more}`;
      expect(await get()).toMatchObject({ SecretString: 'two', VersionStages: ['AWSCURRENT'] });
      expect(await get('--version-stage', 'AWSPREVIOUS')).toMatchObject({ SecretString: 'one' });
      await aws(server)`secretsmanager delete-secret --secret-id cli
        --recovery-window-in-days 7`;
      expect(await awsError(server)`secretsmanager get-secret-value --secret-id cli`).toBe(
        "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
      );
      await aws(server)`secretsmanager restore-secret --secret-id cli`;
      expect(await get()).toMatchObject({ SecretString: 'two' });
    });

    it("answers mistakes in AWS's words", async () => {
      expect(await awsError(server)`secretsmanager get-secret-value --secret-id none`).toBe(
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
      );
      expect(
        await awsError(server)`secretsmanager create-secret --name 'a b' --secret-string x`,
      ).toMatch(/^ValidationException: Invalid name\./);
      expect(await awsError(server)`secretsmanager rotate-secret --secret-id cli`).toMatch(
        /^NotImplemented: .*secretsmanager:RotateSecret/,
      );
    });
  });
});
