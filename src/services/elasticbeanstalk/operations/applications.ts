import type { ApplicationResourceLifecycleConfig } from '@aws-sdk/client-elastic-beanstalk';
import { unsupported } from '../../../aws/errors.ts';
import { passRole } from '../../../kit/pass-role.ts';
import { at, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { defined } from '../../../lib/defined.ts';
import { applicationExists, inProgress, invalid, tooManyApplications } from '../errors.ts';
import { APPLICATIONS } from '../limits.ts';
import { settle } from '../reconcilers/environment.ts';
import { environmentKey, SERVICE_PRINCIPAL } from '../reconcilers/names.ts';
import { application, environment } from '../resources/kinds.ts';
import {
  type Application,
  deleteApplication as deleteRow,
  findApplication,
  type Lifecycle,
  listApplications,
  listParts,
  putApplication,
} from '../store/applications.ts';
import { listEnvironments } from '../store/environments.ts';
import { elasticbeanstalk } from './declare.ts';
import { shownApplication, shownLifecycle } from './shapes.ts';
import { newTags } from './tag-input.ts';

type Tx = Parameters<typeof putApplication>[0];

const byName = ({ ApplicationName }: { ApplicationName: string | undefined }) => ApplicationName;

/** @throws TooManyApplicationsException */
export async function insertApplication(
  ctx: ServiceContext,
  tx: Tx,
  made: Pick<Application, 'name' | 'description' | 'tags' | 'lifecycle'>,
): Promise<Application> {
  // In an ARN, what comes after a slash is a version's or an environment's.
  if (made.name.includes('/')) throw invalid("Application names do not have a '/'.");
  const most = await ctx.quotas.value(tx, ctx, 'elasticbeanstalk', APPLICATIONS);
  if ((await listApplications(tx, ctx)).length >= most) throw tooManyApplications(most);
  const now = ctx.clock.now();
  const { accountId, region } = ctx;
  const whole = { accountId, region, ...made, createdAt: now, updatedAt: now };
  await putApplication(tx, whole);
  return whole;
}

/**
 * Rules that delete versions by themselves are kept as long as they are not enabled; what is not said stays. The role for them is
 * one that the caller may pass.
 */
async function lifecycleOf(
  ctx: ServiceContext,
  sourceArn: string,
  config: ApplicationResourceLifecycleConfig | undefined,
  before: Lifecycle = {},
): Promise<Pick<Application, 'lifecycle'>> {
  if (!config) return {};
  const { ServiceRole: roleArn, VersionLifecycleConfig: given } = config;
  const { MaxCountRule, MaxAgeRule } = given ?? {};
  for (const [name, rule] of Object.entries({ MaxCountRule, MaxAgeRule }))
    if (rule?.Enabled) throw unsupported(`ResourceLifecycleConfig with ${name}`);
  if (roleArn !== undefined)
    await passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
  const rules = {
    ...before.rules,
    ...defined({ MaxCountRule, MaxAgeRule }),
  };
  return {
    lifecycle: { ...before, ...(roleArn !== undefined && { serviceRole: roleArn }), rules },
  };
}

export const createApplication = elasticbeanstalk(
  'createApplication',
  at(application, byName),
  async (ctx, input, { arn, name }) => {
    const lifecycle = await lifecycleOf(ctx, arn, input.ResourceLifecycleConfig);
    const tags = await newTags(ctx, arn, input.Tags);
    return ctx.transaction(async (tx) => {
      if (await findApplication(tx, ctx, name)) throw applicationExists(name);
      const { Description: description } = input;
      const made = { name, tags, ...lifecycle, ...(description !== undefined && { description }) };
      return { Application: shownApplication(await insertApplication(ctx, tx, made), [], []) };
    });
  },
);

async function shown(ctx: Pick<ServiceContext, 'db'>, all: readonly Application[]) {
  const [first] = all;
  if (!first) return [];
  const only = all.length === 1 ? first.name : undefined;
  const versions = await listParts(ctx.db, first, 'version', only);
  const templates = await listParts(ctx.db, first, 'template', only);
  const namesOf = (parts: readonly { application: string; name: string }[], of: string) =>
    parts.filter((part) => part.application === of).map((part) => part.name);
  return all.map((one) =>
    shownApplication(one, namesOf(versions, one.name), namesOf(templates, one.name)),
  );
}

export const describeApplications = elasticbeanstalk(
  'describeApplications',
  {},
  async (ctx, { ApplicationNames: wanted = [] }) => {
    const all = await listApplications(ctx.db, ctx);
    const chosen = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name));
    return { Applications: await shown(ctx, chosen) };
  },
);

export const updateApplication = elasticbeanstalk(
  'updateApplication',
  on(application, byName),
  async (ctx, { Description }, { name, accountId, region }) => {
    const located = application.locate(ctx, name);
    const updated = await ctx.transaction(async (tx) => {
      const found = await need(tx, application, { ...located, accountId, region });
      const { description: _, ...rest } = found;
      const text = Description === undefined ? found.description : Description || undefined;
      const now = { ...rest, updatedAt: ctx.clock.now(), ...(text && { description: text }) };
      await putApplication(tx, now);
      return now;
    });
    return { Application: (await shown(ctx, [updated]))[0] };
  },
);

export const updateApplicationResourceLifecycle = elasticbeanstalk(
  'updateApplicationResourceLifecycle',
  on(application, byName),
  async (ctx, { ResourceLifecycleConfig }, { name, lifecycle }) => {
    const located = application.locate(ctx, name);
    const changed = await lifecycleOf(ctx, located.arn, ResourceLifecycleConfig, lifecycle);
    return ctx.transaction(async (tx) => {
      const now = { ...(await need(tx, application, located)), ...changed };
      await putApplication(tx, { ...now, updatedAt: ctx.clock.now() });
      return { ApplicationName: name, ResourceLifecycleConfig: shownLifecycle(now.lifecycle) };
    });
  },
);

export const deleteApplication = elasticbeanstalk(
  'deleteApplication',
  at(application, byName),
  async (ctx, { TerminateEnvByForce }, located) => {
    await ctx.transaction(async (tx) => {
      const found = await application.find(tx, located);
      // One that is not there is gone.
      if (!found) return;
      const live = (await listEnvironments(tx, ctx)).filter(
        (one) => one.application === found.name && one.status !== 'Terminated',
      );
      if (live.length > 0 && !TerminateEnvByForce)
        throw inProgress(
          `Unable to delete application ${found.name} because it has running environments: ${live.map(({ name }) => name).join(', ')}.`,
        );
      for (const one of live) {
        // Whoever may not terminate one may not do so by this either.
        const { arn, name: its } = environment.locate(ctx, one);
        await ctx.authorize('elasticbeanstalk:TerminateEnvironment', arn, { named: its });
        if (one.status === 'Terminating') continue;
        const begin = { kind: 'terminate' as const, requestId: ctx.requestId };
        await settle(ctx, tx, environmentKey(one), (draft) => draft.begin(begin));
      }
      await deleteRow(tx, found);
    });
    return {};
  },
);
