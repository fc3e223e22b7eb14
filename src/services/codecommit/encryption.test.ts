import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import * as codecommit from '@aws-sdk/client-codecommit';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rootPrincipal } from '../../aws/auth/root.ts';
import { eachDialect } from '../../db/testing.ts';
import { GitRoomError } from '../../git/bounds.ts';
import { ACCOUNT, REGION, world } from '../../testing.ts';
import service from './index.ts';
import { findRepository } from './store/repositories.ts';

/** Longer than KMS's answer is remembered. */
const LATER_MS = 6_000;
const repositoryName = 'app';

/** By the time of a test's clock; the answer is an error's name, or `fine`. */
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (error: Error) => error.name,
  );

/** They answer of each of several, make one, or end it. */
const NOT_CLOSED = [
  ...['BatchGetRepositories', 'CreateRepository', 'DeleteRepository'],
  'BatchAssociateApprovalRuleTemplateWithRepositories',
  'BatchDisassociateApprovalRuleTemplateFromRepositories',
  'ListRepositoriesForApprovalRuleTemplate',
];

/** Operations whose types declare the errors of encryption keys. */
function closedByKey(): string[] {
  const entry = createRequire(import.meta.url).resolve('@aws-sdk/client-codecommit/package.json');
  const folder = join(dirname(entry), 'dist-types', 'commands');
  const declares = (file: string) =>
    readFileSync(join(folder, file), 'utf8').includes('@throws {@link EncryptionKeyDisabled');
  const files = readdirSync(folder).filter((file) => file.endsWith('Command.d.ts'));
  const names = files.filter(declares).map((file) => file.replace('Command.d.ts', ''));
  return names.filter((name) => !NOT_CLOSED.includes(name));
}

eachDialect('encryption keys of repositories', (makeDatabase) => {
  async function setUp() {
    const server = await world(makeDatabase, [service]);
    const keys = server.client(kms.KMSClient);
    const client = server.client(codecommit.CodeCommitClient);
    const newKey = async (more: Partial<kms.CreateKeyCommandInput> = {}) =>
      (await keys.send(new kms.CreateKeyCommand(more))).KeyMetadata?.Arn ?? '';
    const create = async (kmsKeyId?: string) => {
      const input = { repositoryName, ...(kmsKeyId && { kmsKeyId }) };
      return (await client.send(new codecommit.CreateRepositoryCommand(input))).repositoryMetadata;
    };
    const put = (more: Partial<codecommit.PutFileCommandInput> = {}) =>
      client.send(
        new codecommit.PutFileCommand({
          ...{ repositoryName, branchName: 'main', filePath: 'a', fileContent: Buffer.from('a') },
          ...more,
        }),
      );
    const read = (by = client) =>
      by.send(new codecommit.GetFileCommand({ repositoryName, filePath: 'a' }));
    const move = (kmsKeyId: string) =>
      client.send(
        new codecommit.UpdateRepositoryEncryptionKeyCommand({ repositoryName, kmsKeyId }),
      );
    return { ...server, keys, client, newKey, create, put, read, move };
  }

  test('the default key is the service’s own, made when it is needed', async () => {
    const { create, put, read, client, keys } = await setUp();
    const made = await create();
    const { KeyMetadata } = await keys.send(
      new kms.DescribeKeyCommand({ KeyId: 'alias/aws/codecommit' }),
    );
    expect(made?.kmsKeyId).toBe(KeyMetadata?.Arn);
    expect(KeyMetadata?.KeyManager).toBe('AWS');
    await put();
    expect(Buffer.from((await read()).fileContent ?? []).toString()).toBe('a');
    const got = await client.send(new codecommit.GetRepositoryCommand({ repositoryName }));
    expect(got.repositoryMetadata?.kmsKeyId).toBe(KeyMetadata?.Arn);
  });

  test('a key that is disabled or on its way out closes the repository, until it is back', async () => {
    const { create, put, read, keys, newKey, clock, client } = await setUp();
    const KeyId = await newKey();
    expect((await create(KeyId))?.kmsKeyId).toBe(KeyId);
    await put();
    await keys.send(new kms.DisableKeyCommand({ KeyId }));
    clock.advance(LATER_MS);
    expect(await outcome(read())).toBe('EncryptionKeyDisabledException');
    expect(await outcome(put({ branchName: 'other' }))).toBe('EncryptionKeyDisabledException');
    const branches = new codecommit.ListBranchesCommand({ repositoryName });
    expect(await outcome(client.send(branches))).toBe('EncryptionKeyDisabledException');
    await keys.send(new kms.EnableKeyCommand({ KeyId }));
    expect(await outcome(read())).toBe('fine');
    await keys.send(new kms.ScheduleKeyDeletionCommand({ KeyId }));
    clock.advance(LATER_MS);
    expect(await outcome(read())).toBe('EncryptionKeyUnavailableException');
    await keys.send(new kms.CancelKeyDeletionCommand({ KeyId }));
    await keys.send(new kms.EnableKeyCommand({ KeyId }));
    expect(await outcome(read())).toBe('fine');
  });

  test('CC-RP-03: whatever declares that a key may close the repository says so', async () => {
    const { create, put, keys, newKey, clock, client } = await setUp();
    const KeyId = await newKey();
    const { repositoryId = '' } = (await create(KeyId)) ?? {};
    const { commitId = '' } = await put();
    await client.send(
      new codecommit.CreateBranchCommand({ repositoryName, branchName: 'feature', commitId }),
    );
    const targets = [{ repositoryName, sourceReference: 'feature' }];
    const { pullRequest } = await client.send(
      new codecommit.CreatePullRequestCommand({ title: 'A title', targets }),
    );
    const { pullRequestId = '', revisionId = '' } = pullRequest ?? {};
    const content = 'A comment';
    const { comment } = await client.send(
      new codecommit.PostCommentForComparedCommitCommand({
        ...{ repositoryName, afterCommitId: commitId, content },
      }),
    );
    const rule = JSON.stringify({
      Version: '2018-11-08',
      Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1 }],
    });
    await client.send(
      new codecommit.CreateApprovalRuleTemplateCommand({
        ...{ approvalRuleTemplateName: 'template', approvalRuleTemplateContent: rule },
      }),
    );
    await keys.send(new kms.DisableKeyCommand({ KeyId }));
    clock.advance(LATER_MS);
    /** What any of them asks for: the client sends what its operation has. */
    const all = {
      ...{ repositoryName, pullRequestId, revisionId, targets, content, title: 'Another title' },
      ...{ commentId: comment?.commentId, approvalRuleName: 'rule', approvalRuleContent: rule },
      ...{ newRuleContent: rule, approvalRuleTemplateName: 'template', triggers: [] },
      ...{ pullRequestStatus: 'CLOSED', approvalState: 'APPROVE', overrideStatus: 'OVERRIDE' },
      ...{ branchName: 'other', defaultBranchName: 'main', targetBranch: 'main', commitId },
      ...{ commitIds: [commitId], blobId: commitId, afterBlobId: commitId, filePath: 'a' },
      ...{ folderPath: '/', fileContent: Buffer.from('b'), parentCommitId: commitId },
      ...{
        putFiles: [{ filePath: 'c', fileContent: Buffer.from('c') }],
        mergeOption: 'SQUASH_MERGE',
      },
      ...{ sourceCommitSpecifier: 'feature', destinationCommitSpecifier: 'main' },
      ...{ afterCommitSpecifier: 'main', beforeCommitId: commitId, afterCommitId: commitId },
      ...{ commitSpecifier: 'main', kmsKeyId: 'alias/aws/codecommit', repositoryDescription: 'd' },
    };
    const wrong: string[] = [];
    for (const name of closedByKey()) {
      const Command = (codecommit as unknown as Record<string, new (i: object) => never>)[
        `${name}Command`
      ] as new (
        input: object,
      ) => never;
      const said = await outcome(client.send(new Command(all)));
      if (said !== 'EncryptionKeyDisabledException') wrong.push(`${name}: ${said}`);
    }
    expect(wrong).toEqual([]);
    const batch = new codecommit.BatchGetRepositoriesCommand({ repositoryNames: ['app', 'none'] });
    expect(await client.send(batch)).toMatchObject({
      ...{ repositories: [], repositoriesNotFound: ['none'] },
      errors: [
        { repositoryId, repositoryName, errorCode: 'EncryptionKeyDisabledException' },
        { repositoryName: 'none', errorCode: 'RepositoryDoesNotExistException' },
      ],
    });
    // Whose key is gone has to be able to go.
    expect(await outcome(client.send(new codecommit.DeleteRepositoryCommand(all)))).toBe('fine');
  });

  test('a clock that is set back does not keep a disabled key open', async () => {
    const { create, put, read, keys, newKey, clock } = await setUp();
    const KeyId = await newKey();
    await create(KeyId);
    await put();
    await keys.send(new kms.DisableKeyCommand({ KeyId }));
    clock.setBack(1);
    expect(await outcome(read())).toBe('EncryptionKeyDisabledException');
    await keys.send(new kms.EnableKeyCommand({ KeyId }));
    expect(await outcome(read())).toBe('fine');
    await keys.send(new kms.DisableKeyCommand({ KeyId }));
    // It says the same time again, a while later.
    const later = performance.now() + LATER_MS;
    const measured = vi.spyOn(performance, 'now').mockReturnValue(later);
    onTestFinished(() => measured.mockRestore());
    expect(await outcome(read())).toBe('EncryptionKeyDisabledException');
  });

  test('the key of a repository that is not made after all is not kept', async () => {
    const { create, platform, configuredQuotas } = await setUp();
    const unlock = vi.spyOn(platform.git, 'unlock');
    configuredQuotas['codecommit/L-81790602'] = 0;
    expect(await outcome(create())).toBe('RepositoryLimitExceededException');
    expect(unlock).not.toHaveBeenCalled();
    configuredQuotas['codecommit/L-81790602'] = 1;
    await create();
    expect(unlock).toHaveBeenCalledOnce();
  });

  test('a repository that there is no room for is refused before anything is answered', async () => {
    const { create, platform, server, client } = await setUp();
    await create();
    const real = platform.git.repository;
    platform.git.repository = (id) =>
      Object.assign(Object.create(real(id)), {
        ready: () => Promise.reject(new GitRoomError()),
        references: () => Promise.reject(new GitRoomError()),
      });
    onTestFinished(() => {
      platform.git.repository = real;
    });
    const said = await server.routes.serve({
      ...{ method: 'GET', path: '/v1/repos/app/info/refs', query: 'service=git-upload-pack' },
      ...{ endpoint: 'http://127.0.0.1:4566', remoteAddress: '127.0.0.1' },
      body: Readable.from([]),
      headers: { host: '127.0.0.1:4566' },
      ssh: { principal: rootPrincipal(ACCOUNT), userName: 'APKA' },
    });
    expect(said).toMatchObject({ status: 503, body: expect.stringContaining('no room') });
    const branches = new codecommit.ListBranchesCommand({ repositoryName });
    const error = await client.send(branches).catch((thrown) => thrown);
    // Clients try it again.
    expect(error).toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
  });

  test('moving to another key: the old one has no part in it any more', async () => {
    const { create, put, read, move, keys, newKey, clock } = await setUp();
    const [first, second] = [await newKey(), await newKey()];
    const made = await create(first);
    await put();
    const { $metadata, ...moved } = await move(second);
    expect($metadata.httpStatusCode).toBe(200);
    expect(moved).toEqual({
      ...{ repositoryId: made?.repositoryId, kmsKeyId: second, originalKmsKeyId: first },
    });
    await keys.send(new kms.DisableKeyCommand({ KeyId: first }));
    clock.advance(LATER_MS);
    expect(await outcome(read())).toBe('fine');
    await keys.send(new kms.DisableKeyCommand({ KeyId: second }));
    clock.advance(LATER_MS);
    expect(await outcome(read())).toBe('EncryptionKeyDisabledException');
    expect(await outcome(move(first))).toBe('EncryptionKeyDisabledException');
  });

  test('keys that are none, or no keys for this, are refused in CodeCommit’s words', async () => {
    const { create, move, platform, client } = await setUp();
    const nobody = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`;
    for (const [kmsKeyId, name] of [
      [nobody, 'EncryptionKeyNotFoundException'],
      ['not a key', 'EncryptionKeyInvalidIdException'],
    ] as const)
      expect(await outcome(create(kmsKeyId)), kmsKeyId).toBe(name);
    const at = { accountId: ACCOUNT, region: REGION, name: repositoryName };
    expect(await findRepository(platform.db, at)).toBeUndefined();
    await create();
    expect(await outcome(move(nobody))).toBe('EncryptionKeyNotFoundException');
    expect(await outcome(move('not a key'))).toBe('EncryptionKeyInvalidIdException');
    const without = { repositoryName } as codecommit.UpdateRepositoryEncryptionKeyCommandInput;
    const none = new codecommit.UpdateRepositoryEncryptionKeyCommand(without);
    expect(await outcome(client.send(none))).toBe('EncryptionKeyRequiredException');
  });

  test('whom the key is not open to, the repository is not open to', async () => {
    const { create, put, read, newKey, client, platform } = await setUp();
    const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
    const key = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' }],
    };
    await create(await newKey({ Policy: JSON.stringify(key) }));
    await put();
    const iam = platform.client(IAMClient, {
      ...{ principal: { type: 'root', accountId: ACCOUNT, arn: root.AWS, userId: ACCOUNT } },
      region: REGION,
    } as Parameters<typeof platform.client>[1]);
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          ...{ Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' } },
          Action: 'sts:AssumeRole',
        },
      ],
    };
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument }));
    const allow = (Action: string[]) =>
      iam.send(
        new PutRolePolicyCommand({
          ...{ RoleName: 'reader', PolicyName: 'read' },
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
          }),
        }),
      );
    const reader = platform.client(codecommit.CodeCommitClient, {
      ...{ service: 'codepipeline.amazonaws.com', region: REGION, sessionName: 'reader' },
      roleArn: `arn:aws:iam::${ACCOUNT}:role/reader`,
      sourceArn: `arn:aws:codepipeline:${REGION}:${ACCOUNT}:p`,
    });
    await allow(['codecommit:*']);
    expect(await outcome(read(reader))).toBe('EncryptionKeyAccessDeniedException');
    await allow(['codecommit:*', 'kms:Decrypt']);
    expect(await outcome(read(reader))).toBe('fine');
    expect(await outcome(read(client))).toBe('fine');
  });
});
