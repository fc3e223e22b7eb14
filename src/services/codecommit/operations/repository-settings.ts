import { branchDoesNotExist, repositoryDoesNotExist, repositoryNameExists } from '../errors.ts';
import { alignHead, REFERENCES } from '../references.ts';
import { changeRepository, findRepository } from '../store.ts';
import { codecommit } from './declare.ts';
import { arnOf, checkBranchName, checkRepositoryName, onRepository, openRepository } from './op.ts';
import { checkDescription } from './repositories.ts';

export const updateRepositoryName = codecommit(
  'updateRepositoryName',
  {
    resource: (ctx, input) => [arnOf(ctx, input.oldName), arnOf(ctx, input.newName)],
  },
  async (ctx, input) => {
    const oldName = checkRepositoryName(input.oldName);
    const newName = checkRepositoryName(input.newName);
    const { accountId, region } = ctx;
    await ctx.transaction(async (tx) => {
      const record = await findRepository(tx, { accountId, region, name: oldName });
      if (!record) throw repositoryDoesNotExist(oldName);
      if (await findRepository(tx, { accountId, region, name: newName })) {
        throw repositoryNameExists(newName);
      }
      const modified = ctx.clock.now();
      await changeRepository(tx, record.repositoryId, { name: newName, modified });
    });
    return {};
  },
);

export const updateRepositoryDescription = codecommit(
  'updateRepositoryDescription',
  onRepository,
  async (ctx, input) => {
    const name = checkRepositoryName(input.repositoryName);
    const description = checkDescription(input.repositoryDescription) ?? null;
    const { accountId, region } = ctx;
    await ctx.transaction(async (tx) => {
      const record = await findRepository(tx, { accountId, region, name });
      if (!record) throw repositoryDoesNotExist(name);
      const modified = ctx.clock.now();
      await changeRepository(tx, record.repositoryId, { description, modified });
    });
    return {};
  },
);

export const updateDefaultBranch = codecommit(
  'updateDefaultBranch',
  onRepository,
  async (ctx, input) => {
    const name = checkRepositoryName(input.repositoryName);
    const defaultBranch = checkBranchName(input.defaultBranchName);
    const { record, git } = await openRepository(ctx, name);
    const { repositoryId } = record;
    const [branch] = await git.references([`refs/heads/${defaultBranch}`]);
    if (!branch) throw branchDoesNotExist(defaultBranch);
    if (record.defaultBranch === defaultBranch) return {};
    await ctx.transaction(async (tx) => {
      await changeRepository(tx, repositoryId, { defaultBranch, modified: ctx.clock.now() });
      await ctx.engine.wake(tx, REFERENCES, repositoryId);
    });
    await alignHead(ctx, repositoryId);
    return {};
  },
);
