import { atEach, type Named, need } from '../../../kit/resource.ts';
import {
  branchDoesNotExist,
  encryptionKeyRequired,
  repositoryDoesNotExist,
  repositoryNameExists,
} from '../errors.ts';
import { alignHead, REFERENCES } from '../history/references.ts';
import { checkKeyId, rewrapped } from '../keys/data-key.ts';
import { atRepository, openRepository, repository } from '../resources/repository.ts';
import {
  changeRepository,
  findRepository,
  findRepositoryById,
  keepDataKey,
} from '../store/repositories.ts';
import { checkBranchName } from './arguments.ts';
import { codecommit } from './declare.ts';
import { checkDescription } from './repositories.ts';

export const updateRepositoryName = codecommit(
  'updateRepositoryName',
  atEach(repository, ({ oldName, newName }) => [oldName, newName]),
  async (ctx, _input, [before, after]) => {
    await ctx.transaction(async (tx) => {
      const { repositoryId } = await need(tx, repository, before as Named);
      const { name } = after as Named;
      if (await findRepository(tx, after as Named)) throw repositoryNameExists(name);
      await changeRepository(tx, repositoryId, { name, modified: ctx.clock.now() });
    });
    return {};
  },
);

export const updateRepositoryDescription = codecommit(
  'updateRepositoryDescription',
  atRepository,
  async (ctx, input, located) => {
    const description = checkDescription(input.repositoryDescription) ?? null;
    await ctx.transaction(async (tx) => {
      const record = await need(tx, repository, located);
      const modified = ctx.clock.now();
      await changeRepository(tx, record.repositoryId, { description, modified });
    });
    return {};
  },
);

/** CC-RP-07. What is sealed stays so: its data key is wrapped anew. */
export const updateRepositoryEncryptionKey = codecommit(
  'updateRepositoryEncryptionKey',
  atRepository,
  async (ctx, { kmsKeyId }, located) => {
    if (!kmsKeyId) throw encryptionKeyRequired();
    checkKeyId(kmsKeyId);
    const { record } = await openRepository(ctx, located);
    const { repositoryId } = record;
    for (;;) {
      // One of an earlier version has got its key by being opened.
      const before = (await findRepositoryById(ctx.db, repositoryId))?.key;
      if (!before) throw repositoryDoesNotExist(record.name);
      const key = await rewrapped(ctx, { repositoryId, key: before }, kmsKeyId);
      const change = { key, before, modified: ctx.clock.now() };
      if (await ctx.transaction((tx) => keepDataKey(tx, repositoryId, change)))
        return { repositoryId, kmsKeyId: key.keyArn, originalKmsKeyId: before.keyArn };
    }
  },
);

export const updateDefaultBranch = codecommit(
  'updateDefaultBranch',
  atRepository,
  async (ctx, input, located) => {
    const defaultBranch = checkBranchName(input.defaultBranchName);
    const { record, git } = await openRepository(ctx, located);
    const { repositoryId } = record;
    const [branch] = await git.references([`refs/heads/${defaultBranch}`]);
    if (!branch) throw branchDoesNotExist(defaultBranch);
    if (record.defaultBranch === defaultBranch) return {};
    await ctx.transaction(async (tx) => {
      await changeRepository(tx, repositoryId, { defaultBranch, modified: ctx.clock.now() });
      await ctx.engine.wake(tx, REFERENCES, repositoryId);
    });
    await alignHead(ctx, repositoryId);
    // Somebody who came before has deleted it: then it was taken back.
    const [still] = await git.references([`refs/heads/${defaultBranch}`]);
    if (!still) throw branchDoesNotExist(defaultBranch);
    return {};
  },
);
