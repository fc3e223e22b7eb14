import type { Path } from '../model/problems.ts';

/** One thing to say of the input of CreatePipeline, by its place in that. */
export interface Remark {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  at: Path;
}
