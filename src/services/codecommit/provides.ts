import type { Provides } from '../../kit/provides.ts';

/** What repositories are sealed with. */
export const provides: Partial<Provides> = {
  repositoryKey: async (...asked) => (await import('./keys/data-key.ts')).repositoryKey(...asked),
};
