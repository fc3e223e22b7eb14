import { join } from 'node:path';
import type { Route } from '../kit/service.ts';
import { Slots } from '../lib/slots.ts';
import { apiRoute } from './api-route.ts';
import { fileRoutes } from './files/routes.ts';
import { liveRoute } from './live/route.ts';
import type { ConsoleParts } from './parts.ts';
import { MOST_CHECKED } from './session/limits.ts';
import { sessionRoutes } from './session/routes.ts';

/** Where the workspace `console/` puts what it builds. */
const BUILT = join(import.meta.dirname, '..', '..', 'console', 'dist');

/**
 * What the web console needs of the server: its files, who is signed in, and the way of its calls to the services. All else it
 * does by the public API, like any other client.
 */
export function makeConsoleRoutes(given: Omit<ConsoleParts, 'checking' | 'files'>): Route[] {
  const parts: ConsoleParts = {
    ...given,
    checking: new Slots(MOST_CHECKED),
    files: BUILT,
  };
  return [...fileRoutes(parts.files), ...sessionRoutes(parts), apiRoute(parts), liveRoute(parts)];
}
