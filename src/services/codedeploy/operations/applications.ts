import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { atEach, type Named, need, onEach } from '../../../kit/resource.ts';
import { APPLICATIONS, MAX_BATCH_NAMES } from '../limits.ts';
import { application, atApplication, onApplication } from '../resources/application.ts';
import { ownerOf, planHooks, settleHooks } from '../scaling/hooks.ts';
import {
  type Application,
  deleteApplication as deleteRows,
  findApplication,
  groupsOf,
  insertApplication,
  listApplicationNames,
  renameApplication,
} from '../store/applications.ts';
import { codedeploy } from './declare.ts';
import { checkTags } from './tags.ts';
import { asked, checkBatch, requireApplicationName } from './validate.ts';

export const createApplication = codedeploy(
  'createApplication',
  atApplication,
  async (ctx, input, { name }) => {
    const platform = input.computePlatform ?? 'Server';
    if (!['Server', 'Lambda', 'ECS'].includes(platform)) {
      throw exception(sdk.InvalidComputePlatformException, `Invalid compute platform: ${platform}`);
    }
    const tags = checkTags(input.tags);
    const applicationId = randomUUID();
    await ctx.transaction(async (tx) => {
      if (await findApplication(tx, ctx, name)) throw alreadyExists(name);
      const limit = await ctx.quotas.value(tx, ctx, 'codedeploy', APPLICATIONS);
      if ((await listApplicationNames(tx, ctx, { limit })).length >= limit) {
        throw exception(
          sdk.ApplicationLimitExceededException,
          `More than ${limit} applications were attempted to be created.`,
        );
      }
      const createdAt = ctx.clock.now().getTime();
      await insertApplication(tx, ctx, { name, applicationId, platform, createdAt, tags });
    });
    return { applicationId };
  },
);

const alreadyExists = (name: string) =>
  exception(sdk.ApplicationAlreadyExistsException, `Application already exists: ${name}`);

export const getApplication = codedeploy(
  'getApplication',
  onApplication,
  async (_ctx, _input, found) => ({
    application: describe(found),
  }),
);

function describe(found: Application): sdk.ApplicationInfo {
  return {
    applicationId: found.applicationId,
    applicationName: found.name,
    createTime: new Date(found.createdAt),
    linkedToGitHub: false,
    computePlatform: found.platform,
  };
}

export const batchGetApplications = codedeploy(
  'batchGetApplications',
  onEach(application, ({ applicationNames }) => applicationNames ?? []),
  async (_ctx, _input, found) => {
    if (found.length === 0) requireApplicationName(undefined);
    checkBatch(found, MAX_BATCH_NAMES);
    return { applicationsInfo: found.flatMap(({ thing }) => (thing ? describe(thing) : [])) };
  },
);

export const listApplications = codedeploy('listApplications', {}, async (ctx, input) => {
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: string | undefined, limit) => listApplicationNames(ctx.db, ctx, { after, limit }),
    (name) => name,
  );
  return { applications: items, nextToken };
});

export const updateApplication = codedeploy(
  'updateApplication',
  atEach(application, (input) => [input.applicationName, input.newApplicationName]),
  async (ctx, _input, [before, after]) => {
    const { name } = after as Named;
    await ctx.transaction(async (tx) => {
      const found = await need(tx, application, before as Named);
      if (name === found.name) return;
      if (await application.find(tx, after as Named)) throw alreadyExists(name);
      await renameApplication(tx, found, name);
      // Their hooks are put and taken away for them by the name that they have now.
      for (const group of await groupsOf(tx, found.applicationId))
        await planHooks(tx, ctx, ownerOf(ctx, name, group), group.info);
    });
    return {};
  },
);

export const deleteApplication = codedeploy(
  'deleteApplication',
  atApplication,
  async (ctx, _input, located) => {
    const groups = await ctx.transaction(async (tx) => {
      const found = await application.find(tx, located);
      if (!found) return [];
      const all = await groupsOf(tx, found.applicationId);
      for (const group of all) await planHooks(tx, ctx, ownerOf(ctx, found.name, group), undefined);
      await deleteRows(tx, found.applicationId);
      return all;
    });
    for (const { groupId } of groups) await settleHooks(ctx, groupId);
    return {};
  },
);
