import type { Project, UpdateProjectCommandInput } from '@aws-sdk/client-codebuild';
import { isForge } from '../../../kit/forges/repository.ts';
import { page } from '../../../kit/pages.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import { at, on, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { projectExists, projectNotFound, tooManyProjects } from '../errors.ts';
import { DEFAULT_QUEUED_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES, PROJECTS } from '../limits.ts';
import { sourceName } from '../model/badge.ts';
import { checkBatchConfig, isEmptyConfig } from '../model/batch/rules.ts';
import { withProjectDefaults } from '../model/defaults.ts';
import { checkOnFleet } from '../model/fleet.ts';
import { badgeUrl, newToken } from '../model/links.ts';
import { checkProject } from '../model/project-rules.ts';
import { type WebhookRecord, webhookView } from '../model/webhook/record.ts';
import { ALL_CACHES, LOCAL_CACHES } from '../reconcilers/names.ts';
import { leaveFileSystems } from '../reconcilers/places.ts';
import { ownProject, project } from '../resources/project.ts';
import { namedFleet } from '../run/build-fleet.ts';
import { checkRole } from '../run/service-role.ts';
import * as store from '../store/projects.ts';
import { deleteWebhook, findWebhooks } from '../store/webhooks.ts';
import { urlOf } from '../webhooks/address.ts';
import { asked, ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

const nameIn = ({ name }: { name: string | undefined }) => name;
const atProject = at(ownProject, nameIn);

const SORT_COLUMNS = {
  NAME: 'name',
  CREATED_TIME: 'created_at',
  LAST_MODIFIED_TIME: 'modified_at',
} as const;

export const createProject = codebuild('createProject', atProject, async (ctx, input, located) => {
  const now = ctx.clock.now();
  const { badgeEnabled, ...members } = input;
  const project = withDefaults(ctx, {
    ...members,
    arn: located.arn,
    created: now,
    lastModified: now,
    badge: { badgeEnabled: badgeEnabled ?? false },
    projectVisibility: 'PRIVATE',
  });
  await check(ctx, project);
  const badgeToken = badgeEnabled ? newToken() : undefined;
  const inserted = await ctx.transaction(async (tx) => {
    const allowed = await ctx.quotas.value(tx, ctx, 'codebuild', PROJECTS);
    // One that is there already is told so, whatever the number.
    if (!(await store.insertProject(tx, ctx, project, badgeToken))) return false;
    if ((await store.countProjects(tx, ctx)) > allowed) throw tooManyProjects(allowed);
    return true;
  });
  if (!inserted) throw projectExists(project.arn ?? '');
  return { project: withBadge(ctx, project, badgeToken) };
});

export const updateProject = codebuild(
  'updateProject',
  on(ownProject, nameIn),
  async (ctx, input, found) => {
    const project = merged(ctx, found.project, input);
    await check(ctx, project, input.environment !== undefined);
    const fresh = newToken();
    return ctx.transaction(async (tx) => {
      const current = await store.findProject(tx, ctx, project.name ?? '');
      if (!current) throw projectNotFound(project.arn ?? '');
      const updated = merged(ctx, current.project, input);
      const { badgeEnabled } = updated.badge ?? {};
      const token = badgeEnabled ? (current.badgeToken ?? fresh) : undefined;
      await store.updateProject(tx, ctx, updated, { token });
      // Those that it still names stay.
      if (input.fileSystemLocations) await leaveFileSystems(ctx, tx, ctx, current.project);
      return { project: withBadge(ctx, updated, token) };
    });
  },
);

export const deleteProject = codebuild('deleteProject', atProject, async (ctx, _input, located) => {
  await ctx.transaction(async (tx) => {
    const found = await store.findProject(tx, located, located.name);
    if (found) await leaveFileSystems(ctx, tx, located, found.project);
    await store.deleteProject(tx, located, located.name);
    await ctx.engine.wake(tx, LOCAL_CACHES, ALL_CACHES);
    await deleteWebhook(tx, located, located.name);
  });
  return {};
});

/** The next build finds no cache; what is in S3 stays there, what the server keeps itself goes. */
export const invalidateProjectCache = codebuild(
  'invalidateProjectCache',
  on(ownProject, ({ projectName }) => projectName),
  async (ctx, _input, { project: { name = '' } }) => {
    await ctx.transaction(async (tx) => {
      await store.nextCacheVersion(tx, ctx, name);
      await ctx.engine.wake(tx, LOCAL_CACHES, ALL_CACHES);
    });
    return {};
  },
);

export const batchGetProjects = codebuild(
  'batchGetProjects',
  onEach(project, ({ names = [] }) => [...new Set(names)]),
  async (ctx, { names = [] }, found) => {
    const asked = [...new Set(names)];
    return {
      projects: await shown(
        ctx,
        found.flatMap(({ thing }) => thing ?? []),
      ),
      projectsNotFound: asked.filter((_, index) => !found[index]?.thing),
    };
  },
);

/** As AWS shows projects: with their webhooks and badges, and with their lists even when they are empty. */
async function shown(ctx: ServiceContext, found: store.StoredProject[]): Promise<Project[]> {
  const hooks = await hooksOf(ctx, found);
  return found.map((stored) => {
    const { project, badgeToken } = stored;
    const { secondarySources = [], secondaryArtifacts = [] } = project;
    const hook = hooks.get(project.arn ?? '');
    const complete = {
      ...{ ...project, secondarySources, secondaryArtifacts },
      ...(hook && { webhook: webhookView(hook, urlOf(ctx, hook.address)) }),
    };
    return withBadge(ctx, complete, badgeToken);
  });
}

/** The webhooks of those that have one, by their projects' ARNs. */
async function hooksOf({ db }: ServiceContext, found: store.StoredProject[]) {
  const hooked = found.filter(({ project }) => isForge(project.source?.type));
  const hooks = new Map<string, WebhookRecord>();
  for (const theirs of Map.groupBy(hooked, ownerKey).values()) {
    const [owner] = theirs as [store.StoredProject];
    const names = theirs.map(({ project: { name = '' } }) => name);
    const known = await findWebhooks(db, owner, names);
    for (const {
      project: { name = '', arn = '' },
    } of theirs) {
      const hook = known.get(name);
      if (hook) hooks.set(arn, hook.webhook);
    }
  }
  return hooks;
}

const ownerKey = ({ accountId, region }: store.StoredProject) => `${accountId} ${region}`;

const DEFAULT_BRANCH = 'main';

/** CB-I7 */
function withBadge(ctx: ServiceContext, project: Project, token: string | undefined): Project {
  if (token === undefined) return project;
  const branch = sourceName(project.sourceVersion) || DEFAULT_BRANCH;
  const badgeRequestUrl = badgeUrl(publicUrl(ctx), token, branch);
  return { ...project, badge: { badgeEnabled: true, badgeRequestUrl } };
}

/** Whatever the list is in order of: the next page may be asked for in another order. */
type ProjectKey = readonly [name: string, createdAt: number, modifiedAt: number];

const listed = ([name, created_at, modified_at]: ProjectKey): store.ListedProject => ({
  name,
  created_at,
  modified_at,
});

export const listProjects = codebuild('listProjects', {}, async (ctx, input) => {
  const by = SORT_COLUMNS[input.sortBy ?? 'NAME'];
  const order = input.sortOrder === 'DESCENDING' ? 'desc' : 'asc';
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: ProjectKey | undefined, limit) =>
      store.listProjects(ctx.db, ctx, { by, order }, after && listed(after), limit),
    ({ name, created_at, modified_at }): ProjectKey => [name, created_at, modified_at],
  );
  return { projects: items.map(({ name }) => name), ...(nextToken && { nextToken }) };
});

/** @param placed its environment is the call's own: the fleet of one that stays may be gone */
async function check(ctx: ServiceContext, project: Project, placed = true): Promise<void> {
  const { serviceRole = '', name = '', buildBatchConfig } = project;
  ruled(() => {
    checkProject(project, ctx.accountId);
    if (buildBatchConfig) checkBatchConfig(buildBatchConfig, ctx.accountId);
  });
  if (placed) await checkFleetOf(ctx, project);
  const roles = new Set([serviceRole, buildBatchConfig?.serviceRole ?? serviceRole]);
  for (const roleArn of roles) await checkRole(ctx, { roleArn, project: name, passed: true });
}

async function checkFleetOf(ctx: ServiceContext, { environment }: Project): Promise<void> {
  const fleet = await namedFleet(ctx, ctx.db, environment?.fleet?.fleetArn);
  if (fleet && environment) ruled(() => checkOnFleet(environment, fleet));
}

function withDefaults(
  ctx: ServiceContext,
  { buildBatchConfig, vpcConfig, logsConfig, ...project }: Project,
): Project {
  const { accountId, region, partition } = ctx;
  return {
    ...withProjectDefaults(project),
    // An empty one takes it off.
    ...(!isEmptyConfig(buildBatchConfig) && { buildBatchConfig }),
    ...(!isEmptyConfig(vpcConfig) && { vpcConfig }),
    ...(!isEmptyConfig(logsConfig) && { logsConfig }),
    timeoutInMinutes: project.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes ?? DEFAULT_QUEUED_TIMEOUT_MINUTES,
    encryptionKey:
      project.encryptionKey ?? `arn:${partition}:kms:${region}:${accountId}:alias/aws/s3`,
    cache: project.cache ?? { type: 'NO_CACHE' },
    tags: project.tags ?? [],
  };
}

/** A partial update: what is absent stays; `concurrentBuildLimit: -1` takes the limit off. */
function merged(ctx: ServiceContext, project: Project, input: UpdateProjectCommandInput): Project {
  const { name: _, badgeEnabled, ...changes } = input;
  const present = Object.entries(changes).filter(([, value]) => value !== undefined);
  const result: Project = {
    ...project,
    ...Object.fromEntries(present),
    ...(badgeEnabled !== undefined && { badge: { badgeEnabled } }),
    lastModified: ctx.clock.now(),
  };
  if (result.concurrentBuildLimit === -1) delete result.concurrentBuildLimit;
  return withDefaults(ctx, result);
}
