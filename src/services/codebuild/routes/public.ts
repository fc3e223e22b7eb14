import { HttpError } from '../../../aws/http-error.ts';
import type { Route } from '../../../kit/service.ts';
import { badgeImage, badgeNames, badgeState } from '../model/badge.ts';
import { BADGES, PUBLIC } from '../model/links.ts';
import { lastBuildOf } from '../store/builds.ts';
import { findProjectBy } from '../store/projects.ts';

const common = { api: 'codebuild', methods: ['GET'], identity: { by: 'none' } } as const;
const MAX_NAME = 255;
const NO_PROJECT = 'There is no such project, or it is not public.';

/**
 * What is for everybody: the badge of a project by a token that its owner gives away, and the builds of a public one by the
 * name that it got for it. Nobody is asked who he is, so nothing else leads to them, and what is not there looks as what may
 * not be seen.
 */
export const publicRoutes: Route[] = [
  {
    // Badges stand in pages of other sites.
    ...{ ...common, operation: 'GetProjectBadge', path: BADGES, isPublic: true },
    async handle(ctx, { request }) {
      const query = new URLSearchParams(request.query);
      const name = query.get('branch') ?? query.get('tag') ?? '';
      const found = await findProjectBy(ctx.db, 'badge_token', query.get('uuid') ?? '');
      if (!found?.project.badge?.badgeEnabled) throw new HttpError(404, 'There is no such badge.');
      const names = name.length > MAX_NAME ? [] : badgeNames(name, found.project);
      const build = await lastBuildOf(ctx.db, found, found.project.name ?? '', names);
      return {
        status: 200,
        headers: {
          'content-type': 'image/svg+xml; charset=utf-8',
          'cache-control': 'no-cache, max-age=0',
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        },
        body: badgeImage(badgeState(build)),
      };
    },
  },
  {
    ...{ ...common, operation: 'GetPublicProject', path: `${PUBLIC}/{alias}` },
    async handle(ctx, { labels: { alias = '' } }) {
      const found = await publicProject(ctx, alias);
      return (await pages()).projectPage(ctx, found);
    },
  },
  {
    ...{ ...common, operation: 'GetPublicBuild', path: `${PUBLIC}/{alias}/{uuid}` },
    async handle(ctx, { labels: { alias = '', uuid = '' } }) {
      const found = await publicProject(ctx, alias);
      const page = await (await pages()).buildPage(ctx, found, uuid);
      if (!page) throw new HttpError(404, NO_PROJECT);
      return page;
    },
  },
];

/** With the client packages, which nothing needs before. */
const pages = () => import('../public/pages.ts');

async function publicProject(ctx: Parameters<Route['handle']>[0], alias: string) {
  const found = await findProjectBy(ctx.db, 'public_alias', alias);
  if (found?.project.projectVisibility !== 'PUBLIC_READ') throw new HttpError(404, NO_PROJECT);
  return found;
}
