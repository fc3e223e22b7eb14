import { AwsError, isUnsupported } from '../../../aws/errors.ts';

/** Where in a declaration something is: members and indices, from the declaration down. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a declaration. */
export interface Problem {
  /** What CreatePipeline answers when it is the first. */
  error: Error;
  at: Path;
  /** A key of what is there, where it is the key that is wrong. */
  key?: string;
  /** The values that it was judged by, beside the one at its place: of one that is not known, nothing can be said. */
  judged?: readonly string[];
}

export type Problems = Generator<Problem, void>;

/** What a rule throws, as a problem. Of another error than AWS's, the rule is at fault. */
export function* thrownBy(at: Path, rule: () => void): Problems {
  try {
    rule();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    yield { error, at };
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof AwsError || (error instanceof Error && '$metadata' in error);

/** Does AWS accept it, and Slipway not yet? */
export const isNotBuilt = ({ error }: Problem): boolean => isUnsupported(error);

/** The one that a call is answered with: what AWS refuses too goes before what is not built. */
export function firstOf(problems: Iterable<Problem>): Problem | undefined {
  let notBuilt: Problem | undefined;
  for (const problem of problems) {
    if (!isNotBuilt(problem)) return problem;
    notBuilt ??= problem;
  }
  return notBuilt;
}
