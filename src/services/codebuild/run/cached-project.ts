import type { CachedProject } from '../model/cache.ts';
import { findProject, type StoredProject } from '../store/projects.ts';
import type { Session } from './session.ts';

/** A project as far as caches are its own. */
export function cachedAs({ project, cacheVersion }: StoredProject): CachedProject {
  const { arn = '', created } = project;
  return { arn, created: created?.getTime() ?? 0, version: cacheVersion };
}

/** The same of a build's; undefined where there is none. */
export async function cachedProject({
  platform,
  stored,
}: Session): Promise<CachedProject | undefined> {
  const found = await findProject(platform.db, stored, stored.build.projectName ?? '');
  return found && cachedAs(found);
}
