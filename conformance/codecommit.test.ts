import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import * as codecommit from '@aws-sdk/client-codecommit';
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import yauzl from 'yauzl';
import {
  GetUploadArchiveStatusCommand,
  UploadArchiveCommand,
} from '../src/aws/internal/codecommit-archive.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: CodeCommitClient;
let repositoryName: string;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  client = new CodeCommitClient({ ...server.client, maxAttempts: 1 });
});
afterAll(async () => {
  client?.destroy();
  await server?.stop();
});
beforeEach(async () => {
  repositoryName = `Repo-${++count}`;
  await client.send(new codecommit.CreateRepositoryCommand({ repositoryName }));
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** Puts a file on main; `parentCommitId` for all but the first. */
async function put(filePath: string, text: string, parentCommitId?: string): Promise<string> {
  const { commitId } = await client.send(
    new codecommit.PutFileCommand({
      repositoryName,
      branchName: 'main',
      filePath,
      fileContent: bytes(text),
      parentCommitId,
      name: 'Mary Major',
      email: 'mary@example.com',
      commitMessage: `put ${filePath}`,
    }),
  );
  return commitId ?? '';
}

const metadata = async () =>
  (await client.send(new codecommit.GetRepositoryCommand({ repositoryName }))).repositoryMetadata;

describe('repositories', () => {
  test('CC-RP-01, CC-DEF-01: a new repository is empty, without a default branch', async () => {
    const repository = await metadata();
    expect(repository).toMatchObject({
      accountId: server.accountId,
      repositoryName,
      cloneUrlHttp: `${server.endpoint}/v1/repos/${repositoryName}`,
      Arn: `arn:aws:codecommit:${server.region}:${server.accountId}:${repositoryName}`,
    });
    expect(repository).not.toHaveProperty('defaultBranch');
    expect(repository?.repositoryId).toMatch(/^[0-9a-f-]{36}$/);
    await expect(
      client.send(new codecommit.CreateRepositoryCommand({ repositoryName })),
    ).rejects.toMatchObject({
      name: 'RepositoryNameExistsException',
    });
  });

  test.each([
    ['RepositoryNameRequiredException', ''],
    ['InvalidRepositoryNameException', 'a.git'],
    ['InvalidRepositoryNameException', '../x'],
    ['InvalidRepositoryNameException', 'x'.repeat(101)],
    ['RepositoryDoesNotExistException', 'Nothing'],
  ])('%s for the name %j', async (name, bad) => {
    const command = new codecommit.GetRepositoryCommand({ repositoryName: bad });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  test('CC-RP-03: batch get tells what there is and what not', async () => {
    const names = [repositoryName, 'Nothing'];
    const answer = await client.send(
      new codecommit.BatchGetRepositoriesCommand({ repositoryNames: names }),
    );
    expect(answer.repositories?.map((one) => one.repositoryName)).toEqual([repositoryName]);
    expect(answer.repositoriesNotFound).toEqual(['Nothing']);
    const tooMany = Array.from({ length: 101 }, (_, i) => `r${i}`);
    await expect(
      client.send(new codecommit.BatchGetRepositoriesCommand({ repositoryNames: tooMany })),
    ).rejects.toMatchObject({ name: 'MaximumRepositoryNamesExceededException' });
  });

  test('CC-RP-04, CC-RP-05, CC-RP-06, CC-RP-08: listed, renamed, described, deleted', async () => {
    const id = (await metadata())?.repositoryId;
    const newName = `${repositoryName}-renamed`;
    await client.send(
      new codecommit.UpdateRepositoryNameCommand({ oldName: repositoryName, newName }),
    );
    repositoryName = newName;
    const description = { repositoryName, repositoryDescription: 'A description' };
    await client.send(new codecommit.UpdateRepositoryDescriptionCommand(description));
    expect(await metadata()).toMatchObject({
      repositoryId: id,
      repositoryDescription: 'A description',
    });
    const { repositories } = await client.send(new codecommit.ListRepositoriesCommand({}));
    expect(repositories).toContainEqual({ repositoryName, repositoryId: id });
    const deleted = await client.send(new codecommit.DeleteRepositoryCommand({ repositoryName }));
    expect(deleted.repositoryId).toBe(id);
    const again = await client.send(new codecommit.DeleteRepositoryCommand({ repositoryName }));
    expect(again.repositoryId).toBeUndefined();
  });

  test('CC-TG-01, CC-TG-02, CC-TG-03: tags', async () => {
    const resourceArn = (await metadata())?.Arn;
    await client.send(new codecommit.TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
    await client.send(new codecommit.UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    const { tags } = await client.send(new codecommit.ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ b: '2' });
    await expect(
      client.send(new codecommit.TagResourceCommand({ resourceArn, tags: { 'aws:x': '1' } })),
    ).rejects.toMatchObject({ name: 'InvalidSystemTagUsageException' });
  });
});

describe('files and commits', () => {
  test('CC-FI-01, CC-DEF-02: the first PutFile makes the branch and the default branch', async () => {
    const commitId = await put('dir/a.txt', 'hello');
    expect((await metadata())?.defaultBranch).toBe('main');
    const file = await client.send(
      new codecommit.GetFileCommand({ repositoryName, filePath: 'dir/a.txt' }),
    );
    expect(file).toMatchObject({
      commitId,
      filePath: 'dir/a.txt',
      fileMode: 'NORMAL',
      fileSize: 5,
    });
    expect(new TextDecoder().decode(file.fileContent)).toBe('hello');
    const { content } = await client.send(
      new codecommit.GetBlobCommand({ repositoryName, blobId: file.blobId }),
    );
    expect(new TextDecoder().decode(content)).toBe('hello');
  });

  test('CC-FI-01: what PutFile refuses', async () => {
    const first = await put('a', '1');
    await expect(put('b', '2')).rejects.toMatchObject({ name: 'ParentCommitIdRequiredException' });
    await expect(put('a', '1', first)).rejects.toMatchObject({ name: 'SameFileContentException' });
    await expect(put('b', '2', '1'.repeat(40))).rejects.toMatchObject({
      name: 'ParentCommitDoesNotExistException',
    });
    await expect(put('b', '2', 'short')).rejects.toMatchObject({
      name: 'InvalidParentCommitIdException',
    });
    await expect(put('b', '', first)).rejects.toMatchObject({
      name: 'FileContentRequiredException',
    });
    await expect(put('../b', '2', first)).rejects.toMatchObject({ name: 'InvalidPathException' });
    const nowhere = {
      repositoryName,
      branchName: 'nowhere',
      filePath: 'b',
      fileContent: bytes('2'),
    };
    await expect(client.send(new codecommit.PutFileCommand(nowhere))).rejects.toMatchObject({
      name: 'BranchDoesNotExistException',
    });
    await put('b', '2', first);
    await expect(put('c', '3', first)).rejects.toMatchObject({
      name: 'ParentCommitIdOutdatedException',
    });
  });

  test('CC-FI-01: of several PutFiles on one parent one wins', async () => {
    const first = await put('a', '1');
    const results = await Promise.allSettled([1, 2, 3, 4].map((i) => put(`b${i}`, `${i}`, first)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason.name).toBe('ParentCommitIdOutdatedException');
    }
  });

  test('CC-CM-03, CC-CM-01, CC-CM-04: CreateCommit, GetCommit, GetDifferences', async () => {
    const parentCommitId = await put('a', '1');
    const made = await client.send(
      new codecommit.CreateCommitCommand({
        repositoryName,
        branchName: 'main',
        parentCommitId,
        authorName: 'Mary Major',
        email: 'mary@example.com',
        commitMessage: 'many at once',
        putFiles: [
          { filePath: 'run.sh', fileContent: bytes('#!/bin/sh'), fileMode: 'EXECUTABLE' },
          { filePath: 'moved/a', sourceFile: { filePath: 'a', isMove: true } },
        ],
      }),
    );
    expect(made.filesAdded?.map((file) => file.absolutePath)).toEqual(['run.sh', 'moved/a']);
    const commitId = made.commitId ?? '';
    const { commit } = await client.send(
      new codecommit.GetCommitCommand({ repositoryName, commitId }),
    );
    expect(commit).toMatchObject({
      commitId,
      treeId: made.treeId,
      parents: [parentCommitId],
      message: 'many at once',
      author: { name: 'Mary Major', email: 'mary@example.com' },
    });
    expect(commit?.author?.date).toMatch(/^\d+ \+0000$/);
    const { differences } = await client.send(
      new codecommit.GetDifferencesCommand({
        repositoryName,
        beforeCommitSpecifier: parentCommitId,
        afterCommitSpecifier: 'refs/heads/main',
      }),
    );
    expect(
      differences?.map(({ changeType, beforeBlob, afterBlob }) => [
        changeType,
        beforeBlob?.path,
        afterBlob?.path,
        afterBlob?.mode,
      ]),
    ).toEqual([
      ['D', 'a', undefined, undefined],
      ['A', undefined, 'moved/a', '100644'],
      ['A', undefined, 'run.sh', '100755'],
    ]);
    const inFolder = await client.send(
      new codecommit.GetDifferencesCommand({
        repositoryName,
        afterCommitSpecifier: 'main',
        afterPath: 'moved',
      }),
    );
    // The example of the command: paths below the folders that were asked for.
    expect(
      inFolder.differences?.map(({ beforeBlob, afterBlob }) => [beforeBlob?.path, afterBlob?.path]),
    ).toEqual([[undefined, 'a']]);
  });

  test('GetBlobDifferences: lines of two blobs, with those around them', async () => {
    const text = (line: string) => `1\n2\n3\n${line}\n5\n`;
    const first = await put('a', text('4'));
    await put('a', text('  4'), first);
    const blobOf = async (commitSpecifier: string) => {
      const input = { repositoryName, filePath: 'a', commitSpecifier };
      return (await client.send(new codecommit.GetFileCommand(input))).blobId;
    };
    const [beforeBlobId, afterBlobId] = [await blobOf(first), await blobOf('main')];
    const compare = (more: object) =>
      client.send(
        new codecommit.GetBlobDifferencesCommand({ repositoryName, afterBlobId, ...more }),
      );
    const compared = await compare({ beforeBlobId, contextLines: 1 });
    expect(compared).toMatchObject({ isBinary: false, beforeBlobSize: 10, afterBlobSize: 12 });
    const types = compared.hunks?.map(({ changes }) => changes?.map(({ type }) => type));
    expect(types).toEqual([['CONTEXT', 'DELETE', 'ADD', 'CONTEXT']]);
    expect((await compare({ beforeBlobId, ignoreWhitespace: true })).hunks).toEqual([]);
    expect((await compare({})).hunks).toMatchObject([{ beforeLineCount: 0, afterLineCount: 5 }]);
    for (const [name, more] of [
      ['InvalidBlobIdException', { beforeBlobId: 'x' }],
      ['BlobIdDoesNotExistException', { beforeBlobId: '1'.repeat(40) }],
      ['InvalidMaxResultsException', { MaxResults: 0 }],
      ['ValidationException', { contextLines: 21 }],
    ] as const)
      await expect(compare(more)).rejects.toMatchObject({ name });
  });

  test('CC-CM-04: differences come in pages, whose tokens are this operation’s alone', async () => {
    const putFiles = Array.from({ length: 7 }, (_, i) => ({
      filePath: `f${i}`,
      fileContent: bytes(`${i}`),
    }));
    await client.send(
      new codecommit.CreateCommitCommand({ repositoryName, branchName: 'main', putFiles }),
    );
    const paths: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const input = { repositoryName, afterCommitSpecifier: 'main', MaxResults: 3, NextToken };
      const page = await client.send(new codecommit.GetDifferencesCommand(input));
      expect(page.differences?.length).toBeLessThanOrEqual(3);
      paths.push(...(page.differences ?? []).map((difference) => difference.afterBlob?.path));
      NextToken = page.NextToken;
      if (NextToken) {
        await expect(
          client.send(new codecommit.ListBranchesCommand({ repositoryName, nextToken: NextToken })),
        ).rejects.toMatchObject({ name: 'InvalidContinuationTokenException' });
      }
    } while (NextToken);
    expect(paths).toEqual(putFiles.map(({ filePath }) => filePath));
  });

  test('CC-FI-02, CC-FI-04, CC-FI-06: DeleteFile, GetFolder, ListFileCommitHistory', async () => {
    const first = await put('deep/er/a', '1');
    const second = await put('deep/b', '2', first);
    const third = await put('deep/b', '2 changed', second);
    const gone = {
      repositoryName,
      branchName: 'main',
      filePath: 'deep/er/a',
      parentCommitId: third,
    };
    await client.send(new codecommit.DeleteFileCommand(gone));
    const folder = await client.send(
      new codecommit.GetFolderCommand({ repositoryName, folderPath: '/deep/' }),
    );
    expect(
      folder.files?.map(({ absolutePath, relativePath }) => [absolutePath, relativePath]),
    ).toEqual([['deep/b', 'b']]);
    expect(folder.subFolders).toEqual([]);
    const history = await client.send(
      new codecommit.ListFileCommitHistoryCommand({ repositoryName, filePath: 'deep/b' }),
    );
    expect(
      history.revisionDag?.map(({ commit, revisionChildren }) => [
        commit?.commitId,
        revisionChildren,
      ]),
    ).toEqual([
      [third, []],
      [second, [third]],
    ]);
  });

  test('CC-DEF-05, CC-FI-03: specifiers', async () => {
    await expect(
      client.send(new codecommit.GetFileCommand({ repositoryName, filePath: 'a' })),
    ).rejects.toMatchObject({ name: 'CommitDoesNotExistException' });
    const commitId = await put('a', '1');
    for (const commitSpecifier of ['main', 'refs/heads/main', 'HEAD', commitId, undefined]) {
      const input = { repositoryName, filePath: 'a', commitSpecifier };
      expect((await client.send(new codecommit.GetFileCommand(input))).commitId).toBe(commitId);
    }
    for (const [commitSpecifier, name] of [
      ['nothing', 'CommitDoesNotExistException'],
      ['1'.repeat(40), 'CommitDoesNotExistException'],
      ['main~1', 'InvalidCommitException'],
      ['--all', 'CommitDoesNotExistException'],
    ]) {
      const input = { repositoryName, filePath: 'a', commitSpecifier };
      await expect(client.send(new codecommit.GetFileCommand(input))).rejects.toMatchObject({
        name,
      });
    }
  });

  test('CC-CM-01, CC-CM-02: commits that do not exist', async () => {
    const commitId = await put('a', '1');
    const get = (id: string) =>
      client.send(new codecommit.GetCommitCommand({ repositoryName, commitId: id }));
    await expect(get(commitId.slice(0, 7))).rejects.toMatchObject({
      name: 'InvalidCommitIdException',
    });
    await expect(get('1'.repeat(40))).rejects.toMatchObject({
      name: 'CommitIdDoesNotExistException',
    });
    const commitIds = [commitId, '1'.repeat(40)];
    const batch = await client.send(
      new codecommit.BatchGetCommitsCommand({ repositoryName, commitIds }),
    );
    expect(batch.commits).toHaveLength(1);
    expect(batch.errors?.[0]).toMatchObject({ errorCode: 'CommitIdDoesNotExistException' });
  });
});

describe('branches', () => {
  test('CC-BR-01 to CC-BR-05: made, listed, made the default, deleted', async () => {
    const commitId = await put('a', '1');
    const branch = { repositoryName, branchName: 'feature/x' };
    await client.send(new codecommit.CreateBranchCommand({ ...branch, commitId }));
    await expect(
      client.send(new codecommit.CreateBranchCommand({ ...branch, commitId })),
    ).rejects.toMatchObject({ name: 'BranchNameExistsException' });
    await expect(
      client.send(
        new codecommit.CreateBranchCommand({ ...branch, branchName: 'feature', commitId }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidBranchNameException' });
    const { branches } = await client.send(new codecommit.ListBranchesCommand({ repositoryName }));
    expect(branches).toEqual(['feature/x', 'main']);
    expect((await client.send(new codecommit.GetBranchCommand(branch))).branch).toEqual({
      branchName: 'feature/x',
      commitId,
    });
    await client.send(
      new codecommit.UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: 'feature/x' }),
    );
    expect((await metadata())?.defaultBranch).toBe('feature/x');
    await expect(client.send(new codecommit.DeleteBranchCommand(branch))).rejects.toMatchObject({
      name: 'DefaultBranchCannotBeDeletedException',
    });
    const main = { repositoryName, branchName: 'main' };
    const { deletedBranch } = await client.send(new codecommit.DeleteBranchCommand(main));
    expect(deletedBranch).toEqual({ branchName: 'main', commitId });
    expect(await client.send(new codecommit.DeleteBranchCommand(main))).not.toHaveProperty(
      'deletedBranch',
    );
    await expect(client.send(new codecommit.GetBranchCommand(main))).rejects.toMatchObject({
      name: 'BranchDoesNotExistException',
    });
  });
});

describe('CC-SEC-02: UploadArchive', () => {
  test('writes a commit to S3 once, with modes, and tells S3’s errors', async () => {
    const s3 = new S3Client({ ...server.client, forcePathStyle: true });
    const Bucket = `archives-${count}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const putFiles = [
      { filePath: 'run.sh', fileContent: bytes('#!'), fileMode: 'EXECUTABLE' as const },
    ];
    const input = { repositoryName, branchName: 'main', putFiles };
    const { commitId } = await client.send(new codecommit.CreateCommitCommand(input));
    const target = { repositoryName, commitId, s3Bucket: Bucket, s3Key: 'a/b' };
    const { uploadId } = await client.send(new UploadArchiveCommand(target));
    const status = await client.send(
      new GetUploadArchiveStatusCommand({ repositoryName, uploadId }),
    );
    expect(status).toMatchObject({ uploadId, status: 'Succeeded' });
    expect((await client.send(new UploadArchiveCommand(target))).uploadId).toBe(uploadId);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));
    const zip = await yauzl.fromBufferPromise(
      Buffer.from((await Body?.transformToByteArray()) ?? []),
    );
    for await (const entry of zip.eachEntry()) {
      expect([entry.fileName, entry.externalFileAttributes >>> 16]).toEqual(['run.sh', 0o100755]);
    }
    const nowhere = await client.send(
      new UploadArchiveCommand({ ...target, s3Bucket: 'no-such-bucket-here' }),
    );
    expect(
      await client.send(
        new GetUploadArchiveStatusCommand({ repositoryName, uploadId: nowhere.uploadId }),
      ),
    ).toMatchObject({ status: 'Failed', errorCode: 'NoSuchBucket' });
    s3.destroy();
  });

  test('an archive that is larger than a part comes whole', async () => {
    const s3 = new S3Client({ ...server.client, forcePathStyle: true });
    const Bucket = `large-archives-${count}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const contents = [randomBytes(6 * 1024 * 1024), randomBytes(6 * 1024 * 1024)];
    let commitId: string | undefined;
    for (const [i, fileContent] of contents.entries()) {
      const file = { repositoryName, branchName: 'main', filePath: `f${i}`, fileContent };
      const made = new codecommit.PutFileCommand({ ...file, parentCommitId: commitId });
      commitId = (await client.send(made)).commitId;
    }
    const target = { repositoryName, commitId, s3Bucket: Bucket, s3Key: 'large' };
    const { uploadId } = await client.send(new UploadArchiveCommand(target));
    const status = await client.send(
      new GetUploadArchiveStatusCommand({ repositoryName, uploadId }),
    );
    expect(status.status).toBe('Succeeded');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    const zip = await yauzl.fromBufferPromise(
      Buffer.from((await Body?.transformToByteArray()) ?? []),
    );
    for await (const entry of zip.eachEntry()) {
      const content = await buffer(await zip.openReadStreamPromise(entry));
      expect(content.equals(contents[Number(entry.fileName.slice(1))] as Buffer)).toBe(true);
    }
    s3.destroy();
  });
});
