import type { Route } from '../../../kit/service.ts';
import { gitRoutes, noGitRoute } from '../git-http/route.ts';
import { fsckRoute } from './fsck.ts';

// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const routes: Route<any>[] = [...gitRoutes, noGitRoute, fsckRoute];
