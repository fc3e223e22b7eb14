import type { Provides } from '../../kit/provides.ts';
import { findRepositoryById } from './store/repositories.ts';

/** What repositories are sealed with, and whether they are still there. */
export const provides: Partial<Provides> = {
  repositories: {
    key: async (...asked) => (await import('./keys/data-key.ts')).repositoryKey(...asked),
    exist: async ({ db }, repositoryId) =>
      (await findRepositoryById(db, repositoryId)) !== undefined,
  },
};
