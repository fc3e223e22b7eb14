import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { applicationDoesNotExist } from '../errors.ts';
import { APPLICATIONS, MAX_BATCH_NAMES } from '../limits.ts';
import {
  type Application,
  deleteApplication as deleteRows,
  findApplication,
  insertApplication,
  listApplicationNames,
  renameApplication,
} from '../store/applications.ts';
import { applicationArn, onApplication } from './access.ts';
import { codedeploy } from './declare.ts';
import { checkTags } from './tags.ts';
import { asked, checkBatch, requireApplication, requireApplicationName } from './validate.ts';

export const createApplication = codedeploy(
  'createApplication',
  onApplication,
  async (ctx, input) => {
    const name = requireApplicationName(input.applicationName);
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

export const getApplication = codedeploy('getApplication', onApplication, async (ctx, input) => ({
  application: describe(await requireApplication(ctx.db, ctx, input.applicationName)),
}));

function describe(application: Application): sdk.ApplicationInfo {
  return {
    applicationId: application.applicationId,
    applicationName: application.name,
    createTime: new Date(application.createdAt),
    linkedToGitHub: false,
    computePlatform: application.platform,
  };
}

export const batchGetApplications = codedeploy(
  'batchGetApplications',
  {
    resource: (ctx, input) =>
      (input.applicationNames ?? []).map((name) => applicationArn(ctx, name)),
  },
  async (ctx, input) => {
    const names = input.applicationNames ?? [];
    if (names.length === 0) requireApplicationName(undefined);
    checkBatch(names, MAX_BATCH_NAMES);
    const found = await Promise.all(
      names.map((name) => findApplication(ctx.db, ctx, requireApplicationName(name))),
    );
    return {
      applicationsInfo: found.filter((application) => application !== undefined).map(describe),
    };
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
  {
    resource: (ctx, input) => [
      applicationArn(ctx, input.applicationName),
      ...(input.newApplicationName ? [applicationArn(ctx, input.newApplicationName)] : []),
    ],
  },
  async (ctx, input) => {
    const name = requireApplicationName(input.applicationName);
    const newName = requireApplicationName(input.newApplicationName);
    await ctx.transaction(async (tx) => {
      const application = await findApplication(tx, ctx, name);
      if (!application) throw applicationDoesNotExist(name);
      if (newName === name) return;
      if (await findApplication(tx, ctx, newName)) throw alreadyExists(newName);
      await renameApplication(tx, application, newName);
    });
    return {};
  },
);

export const deleteApplication = codedeploy(
  'deleteApplication',
  onApplication,
  async (ctx, input) => {
    const name = requireApplicationName(input.applicationName);
    await ctx.transaction(async (tx) => {
      const application = await findApplication(tx, ctx, name);
      if (application) await deleteRows(tx, application.applicationId);
    });
    return {};
  },
);
