import type { WorkHandle } from '../executors/executor.ts';

/** Something that Session Manager opens sessions on. */
export interface SessionTarget {
  /** What IAM is asked about. */
  arn: string;
  /** Undefined: it is there, and nobody can connect to it (now, or at all). */
  open?: {
    work: WorkHandle;
    /** What runs in the session's terminal. @param line a command in place of a shell */
    command(line?: string): string[];
  };
}
