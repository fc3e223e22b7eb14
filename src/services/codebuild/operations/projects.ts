import type { Project, UpdateProjectCommandInput } from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { projectExists, projectNotFound, tooManyProjects } from '../errors.ts';
import { DEFAULT_QUEUED_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES, PROJECTS } from '../limits.ts';
import { withProjectDefaults } from '../model/defaults.ts';
import { checkProject } from '../model/project-rules.ts';
import { checkRole } from '../service-role.ts';
import * as store from '../store.ts';
import { codebuild } from './declare.ts';
import { asked, projectArn, projectName, ruled } from './op.ts';

const SORT_COLUMNS = {
  NAME: 'name',
  CREATED_TIME: 'created_at',
  LAST_MODIFIED_TIME: 'modified_at',
} as const;

export const createProject = codebuild(
  'createProject',
  {
    resource: (ctx, input) => projectArn(ctx, input.name ?? ''),
  },
  async (ctx, input) => {
    const now = ctx.clock.now();
    const { badgeEnabled, ...members } = input;
    const project = withDefaults(ctx, {
      ...members,
      arn: projectArn(ctx, input.name ?? ''),
      created: now,
      lastModified: now,
      badge: { badgeEnabled: false },
      projectVisibility: 'PRIVATE',
    });
    await check(ctx, project, badgeEnabled);
    const inserted = await ctx.transaction(async (tx) => {
      const allowed = await ctx.quotas.value(tx, ctx, 'codebuild', PROJECTS);
      // One that is there already is told so, whatever the number.
      if (!(await store.insertProject(tx, ctx, project))) return false;
      if ((await store.countProjects(tx, ctx)) > allowed) throw tooManyProjects(allowed);
      return true;
    });
    if (!inserted) throw projectExists(project.arn ?? '');
    return { project };
  },
);

export const updateProject = codebuild(
  'updateProject',
  {
    resource: (ctx, input) => projectArn(ctx, input.name ?? ''),
  },
  async (ctx, input) => {
    const found = await store.findProject(ctx.db, ctx, projectName(ctx, input.name ?? ''));
    if (!found) throw projectNotFound(projectArn(ctx, input.name ?? ''));
    const project = merged(ctx, found.project, input);
    await check(ctx, project, input.badgeEnabled);
    return ctx.transaction(async (tx) => {
      const current = await store.findProject(tx, ctx, project.name ?? '');
      if (!current) throw projectNotFound(projectArn(ctx, input.name ?? ''));
      const updated = merged(ctx, current.project, input);
      await store.updateProject(tx, ctx, updated);
      return { project: updated };
    });
  },
);

export const deleteProject = codebuild(
  'deleteProject',
  {
    resource: (ctx, input) => projectArn(ctx, input.name ?? ''),
  },
  async (ctx, input) => {
    await ctx.transaction((tx) => store.deleteProject(tx, ctx, projectName(ctx, input.name ?? '')));
    return {};
  },
);

export const batchGetProjects = codebuild(
  'batchGetProjects',
  {
    resource: (ctx, input) => (input.names ?? []).map((name) => projectArn(ctx, name)),
  },
  async (ctx, input) => {
    const asked = [...new Set(input.names ?? [])];
    const found = await store.findProjects(
      ctx.db,
      ctx,
      asked.map((name) => projectName(ctx, name)),
    );
    const byName = new Map(found.map((project) => [project.name, project]));
    return {
      projects: asked.flatMap((name) => shown(byName.get(projectName(ctx, name)))),
      projectsNotFound: asked.filter((name) => !byName.has(projectName(ctx, name))),
    };
  },
);

/** As AWS shows a project: with its lists even when they are empty. */
function shown(project: Project | undefined): Project[] {
  const { secondarySources = [], secondaryArtifacts = [] } = project ?? {};
  return project ? [{ ...project, secondarySources, secondaryArtifacts }] : [];
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

async function check(
  ctx: ServiceContext,
  project: Project,
  badgeEnabled: boolean | undefined,
): Promise<void> {
  if (badgeEnabled) throw unsupported('badgeEnabled');
  ruled(() => checkProject(project, ctx.accountId));
  const { serviceRole: roleArn = '', name = '' } = project;
  await checkRole(ctx, { roleArn, project: name, passed: true });
}

function withDefaults(ctx: ServiceContext, project: Project): Project {
  const { accountId, region, partition } = ctx;
  return {
    ...withProjectDefaults(project),
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
  const { name: _, badgeEnabled: __, ...changes } = input;
  const present = Object.entries(changes).filter(([, value]) => value !== undefined);
  const result: Project = {
    ...project,
    ...Object.fromEntries(present),
    lastModified: ctx.clock.now(),
  };
  if (result.concurrentBuildLimit === -1) delete result.concurrentBuildLimit;
  return withDefaults(ctx, result);
}
