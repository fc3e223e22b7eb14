import type { Provides } from '../../kit/provides.ts';

/** Says of a buildspec what a build would, and lets Session Manager into builds. */
export const provides: Partial<Provides> = {
  lints: { buildspec: async () => (await import('./lint/buildspec.ts')).lintBuildspec },
  sessionTargets: {
    codebuild: async () => (await import('./run/session-target.ts')).findSessionTarget,
  },
};
