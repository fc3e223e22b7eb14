import type { Provides } from '../../kit/provides.ts';

/** Says of an AppSpec what a deployment of it would. */
export const provides: Partial<Provides> = {
  lints: { appspec: async () => (await import('./lint/appspec.ts')).lintAppSpec },
};
