import type { Route } from '../../../kit/service.ts';
import { gitRoutes, noGitRoute } from '../git-http/route.ts';
import { lockRoutes } from '../lfs/locks.ts';
import { objectRoutes } from '../lfs/objects.ts';
import { fsckRoute } from './fsck.ts';

// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const routes: Route<any>[] = [
  ...gitRoutes,
  ...objectRoutes,
  ...lockRoutes,
  noGitRoute,
  fsckRoute,
];
