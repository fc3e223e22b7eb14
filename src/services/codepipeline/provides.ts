import type { Provides } from '../../kit/provides.ts';

/** Says of a definition what CreatePipeline would. */
export const provides: Partial<Provides> = {
  lints: { pipeline: async () => (await import('./lint/pipeline.ts')).lintPipeline },
};
