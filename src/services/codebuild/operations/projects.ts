import type { Project, UpdateProjectCommandInput } from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { at, on, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { projectExists, projectNotFound, tooManyProjects } from '../errors.ts';
import { DEFAULT_QUEUED_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES, PROJECTS } from '../limits.ts';
import { withProjectDefaults } from '../model/defaults.ts';
import { checkProject } from '../model/project-rules.ts';
import { ownProject, project } from '../resources/project.ts';
import { checkRole } from '../run/service-role.ts';
import * as store from '../store/projects.ts';
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
});

export const updateProject = codebuild(
  'updateProject',
  on(ownProject, nameIn),
  async (ctx, input, found) => {
    const project = merged(ctx, found.project, input);
    await check(ctx, project, input.badgeEnabled);
    return ctx.transaction(async (tx) => {
      const current = await store.findProject(tx, ctx, project.name ?? '');
      if (!current) throw projectNotFound(project.arn ?? '');
      const updated = merged(ctx, current.project, input);
      await store.updateProject(tx, ctx, updated);
      return { project: updated };
    });
  },
);

export const deleteProject = codebuild('deleteProject', atProject, async (ctx, _input, located) => {
  await ctx.transaction((tx) => store.deleteProject(tx, located, located.name));
  return {};
});

export const batchGetProjects = codebuild(
  'batchGetProjects',
  onEach(project, ({ names = [] }) => [...new Set(names)]),
  async (_ctx, { names = [] }, found) => {
    const asked = [...new Set(names)];
    return {
      projects: found.flatMap(({ thing }) => shown(thing?.project)),
      projectsNotFound: asked.filter((_, index) => !found[index]?.thing),
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
