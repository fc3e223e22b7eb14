import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  type CreateSecretCommandInput,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  type Tag,
  TagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import kms from '../kms/index.ts';
import service from './index.ts';

const DAY_MS = 24 * 3_600_000;
const TOKENS = ['1', '2', '3'].map((digit) => digit.repeat(32));

eachDialect('Secrets Manager', (makeDatabase) => {
  let server: World;
  let secrets: SecretsManagerClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service, kms]);
    secrets = server.client(SecretsManagerClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const create = (Name: string, more: Partial<CreateSecretCommandInput> = {}) =>
    secrets.send(
      new CreateSecretCommand({
        Name,
        SecretString: 'one',
        ClientRequestToken: TOKENS[0],
        ...more,
      }),
    );
  const get = (input: { SecretId: string; VersionId?: string; VersionStage?: string }) =>
    secrets.send(new GetSecretValueCommand(input));
  const put = (
    SecretId: string,
    SecretString: string,
    ClientRequestToken?: string,
    VersionStages?: string[],
  ) =>
    secrets.send(
      new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken, VersionStages }),
    );

  it('finds a secret by name, by ARN and by the ARN without its random end', async () => {
    const { ARN = '' } = await create('app/db');
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:eu-west-1:111111111111:secret:app\/db-[A-Za-z0-9]{6}$/,
    );
    for (const SecretId of ['app/db', ARN, ARN.slice(0, -7)]) {
      expect(await get({ SecretId })).toMatchObject({
        ARN,
        Name: 'app/db',
        SecretString: 'one',
        VersionId: TOKENS[0],
        VersionStages: ['AWSCURRENT'],
      });
    }
    const lost = get({ SecretId: 'none' });
    await expect(lost).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('keeps binary values', async () => {
    await create('bin', { SecretString: undefined, SecretBinary: Uint8Array.from([0, 255, 10]) });
    expect(Buffer.from((await get({ SecretId: 'bin' })).SecretBinary ?? [])).toEqual(
      Buffer.from([0, 255, 10]),
    );
  });

  it('a repeated call with the same token does nothing, with another value it fails', async () => {
    const first = await create('a');
    expect(await create('a')).toMatchObject({ ARN: first.ARN, VersionId: TOKENS[0] });
    await expect(create('a', { SecretString: 'two' })).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await expect(create('a', { ClientRequestToken: TOKENS[1] })).rejects.toThrow(
      'The operation failed because the secret a already exists.',
    );
    await put('a', 'two', TOKENS[1]);
    await put('a', 'two', TOKENS[1]);
    await expect(put('a', 'three', TOKENS[1])).rejects.toThrow(
      `You can't use ClientRequestToken ${TOKENS[1]}`,
    );
  });

  it('a new value becomes AWSCURRENT, the one before AWSPREVIOUS', async () => {
    await create('a');
    await put('a', 'two', TOKENS[1]);
    await put('a', 'three', TOKENS[2]);
    expect((await get({ SecretId: 'a' })).SecretString).toBe('three');
    expect((await get({ SecretId: 'a', VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
    expect((await get({ SecretId: 'a', VersionId: TOKENS[0] ?? '' })).SecretString).toBe('one');
    const { Versions } = await secrets.send(new ListSecretVersionIdsCommand({ SecretId: 'a' }));
    expect(Versions?.map((v) => v.VersionId)).toEqual([TOKENS[1], TOKENS[2]]);
    const all = await secrets.send(
      new ListSecretVersionIdsCommand({ SecretId: 'a', IncludeDeprecated: true }),
    );
    expect(all.Versions).toHaveLength(3);
  });

  it('says on which day a secret and each of its versions were last read', async () => {
    const SecretId = 'app/db';
    await create(SecretId);
    await put(SecretId, 'two', TOKENS[1]);
    const dates = async () => {
      const secret = await secrets.send(new DescribeSecretCommand({ SecretId }));
      const { Versions } = await secrets.send(new ListSecretVersionIdsCommand({ SecretId }));
      return [secret, ...(Versions ?? [])].map(({ LastAccessedDate: d }) => d?.getTime());
    };
    const dayOf = (now: Date) => now.getTime() - (now.getTime() % DAY_MS);
    expect(await dates()).toEqual([undefined, undefined, undefined]);
    const first = dayOf(server.clock.now());
    await get({ SecretId });
    expect(await dates()).toEqual([first, undefined, first]);
    server.clock.advance(DAY_MS);
    await get({ SecretId, VersionStage: 'AWSPREVIOUS' });
    expect(await dates()).toEqual([first + DAY_MS, first + DAY_MS, first]);
  });

  it('labels can be given and moved', async () => {
    await create('a');
    await put('a', 'two', TOKENS[1], ['AWSPENDING']);
    expect((await get({ SecretId: 'a' })).SecretString).toBe('one');
    const move = (more: object) =>
      secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: 'a',
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: TOKENS[1],
          ...more,
        }),
      );
    await expect(move({})).rejects.toThrow("The parameter RemoveFromVersionId can't be empty.");
    await move({ RemoveFromVersionId: TOKENS[0] });
    const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId: 'a' }));
    expect(VersionIdsToStages).toEqual({
      [TOKENS[0] ?? '']: ['AWSPREVIOUS'],
      [TOKENS[1] ?? '']: ['AWSPENDING', 'AWSCURRENT'],
    });
  });

  it('a secret without a value has nothing to get', async () => {
    await create('a', { SecretString: undefined });
    await expect(get({ SecretId: 'a' })).rejects.toThrow(
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    );
    const both = create('b', { SecretBinary: Uint8Array.from([1]) });
    await expect(both).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('a deleted secret can be restored until its window ends, then it is gone', async () => {
    await create('a');
    const remove = () =>
      secrets.send(new DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }));
    const { DeletionDate } = await remove();
    expect(DeletionDate).toEqual(new Date(server.clock.now().getTime() + 7 * DAY_MS));
    await expect(get({ SecretId: 'a' })).rejects.toThrow('because it was marked for deletion');
    await expect(create('a', { ClientRequestToken: TOKENS[1] })).rejects.toThrow(
      'already scheduled for deletion',
    );
    await secrets.send(new RestoreSecretCommand({ SecretId: 'a' }));
    expect((await get({ SecretId: 'a' })).SecretString).toBe('one');
    server.clock.advance(7 * DAY_MS);
    await server.runDue();
    expect((await get({ SecretId: 'a' })).SecretString).toBe('one');
    await remove();
    server.clock.advance(7 * DAY_MS);
    await server.runDue();
    await expect(get({ SecretId: 'a' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('ForceDeleteWithoutRecovery deletes at once, and succeeds for what is gone', async () => {
    await create('a');
    const force = () =>
      secrets.send(new DeleteSecretCommand({ SecretId: 'a', ForceDeleteWithoutRecovery: true }));
    await force();
    await expect(get({ SecretId: 'a' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await force();
    await create('a');
  });

  it('lists secrets, the newest first, by filter and in pages', async () => {
    for (const [name, description] of [
      ['prod/db', 'the database'],
      ['prod/api', ''],
      ['dev/db', 'test Database'],
    ] as const) {
      await create(name, { Description: description, ClientRequestToken: undefined });
      server.clock.advance(1000);
    }
    const list = async (input: object) => {
      const { SecretList, NextToken } = await secrets.send(new ListSecretsCommand(input));
      return { names: SecretList?.map((s) => s.Name), NextToken };
    };
    expect((await list({})).names).toEqual(['dev/db', 'prod/api', 'prod/db']);
    expect(
      (await list({ Filters: [{ Key: 'name', Values: ['prod/'] }], SortOrder: 'asc' })).names,
    ).toEqual(['prod/db', 'prod/api']);
    expect((await list({ Filters: [{ Key: 'name', Values: ['!prod/'] }] })).names).toEqual([
      'dev/db',
    ]);
    expect((await list({ Filters: [{ Key: 'description', Values: ['data'] }] })).names).toEqual([
      'dev/db',
      'prod/db',
    ]);
    const first = await list({ MaxResults: 2 });
    expect((await list({ NextToken: first.NextToken })).names).toEqual(['prod/db']);
    await secrets.send(
      new DeleteSecretCommand({ SecretId: 'prod/api', ForceDeleteWithoutRecovery: true }),
    );
    expect((await list({ NextToken: first.NextToken })).names).toEqual(['prod/db']);
  });

  it('UpdateSecret changes the description alone, or adds a value', async () => {
    await create('a');
    await secrets.send(new UpdateSecretCommand({ SecretId: 'a', Description: 'new' }));
    await secrets.send(new UpdateSecretCommand({ SecretId: 'a', SecretString: 'two' }));
    expect((await get({ SecretId: 'a' })).SecretString).toBe('two');
    expect(await secrets.send(new DescribeSecretCommand({ SecretId: 'a' }))).toMatchObject({
      Description: 'new',
    });
  });

  it('BatchGetSecretValue reads several and lists what it could not', async () => {
    await create('a');
    const { SecretValues, Errors } = await secrets.send(
      new BatchGetSecretValueCommand({ SecretIdList: ['a', 'b'] }),
    );
    expect(SecretValues?.map((v) => v.SecretString)).toEqual(['one']);
    expect(Errors).toEqual([
      {
        SecretId: 'b',
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      },
    ]);
  });

  it('PutSecretValue with the token of a rotation is refused', async () => {
    await create('a');
    const RotationToken = TOKENS[1] ?? '';
    const input = { SecretId: 'a', SecretString: 'two', RotationToken: `${RotationToken}0000` };
    await expect(secrets.send(new PutSecretValueCommand(input))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('RotationToken'),
    });
    expect((await get({ SecretId: 'a' })).SecretString).toBe('one');
  });

  it('a tag without a key is refused, one without a value has an empty one', async () => {
    const refused = { name: 'InvalidParameterException' };
    await expect(create('a', { Tags: [{ Value: 'v' }] })).rejects.toMatchObject(refused);
    await create('a', { Tags: [{ Key: 'k' }] });
    const tag = (Tags: Tag[]) => secrets.send(new TagResourceCommand({ SecretId: 'a', Tags }));
    await expect(tag([{ Key: 'l', Value: 'v' }, {}])).rejects.toMatchObject(refused);
    const { Tags } = await secrets.send(new DescribeSecretCommand({ SecretId: 'a' }));
    expect(Tags).toEqual([{ Key: 'k', Value: '' }]);
  });

  it('asks IAM about the ARN of the secret, or what it would be', async () => {
    const { ARN } = await create('a');
    await get({ SecretId: 'a' });
    await expect(get({ SecretId: 'none' })).rejects.toThrow();
    const prefix = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:';
    // KMS asks as well, about its own key.
    expect(server.asked.filter((question) => question.startsWith('secretsmanager:'))).toEqual([
      `secretsmanager:CreateSecret ${prefix}a-??????`,
      `secretsmanager:GetSecretValue ${ARN}`,
      `secretsmanager:GetSecretValue ${prefix}none-??????`,
    ]);
  });

  it('a caller whom KMS refuses gets no value', async () => {
    const key = 'arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000';
    await expect(create('a', { KmsKeyId: key })).rejects.toMatchObject({
      name: 'EncryptionFailure',
    });
  });
});
