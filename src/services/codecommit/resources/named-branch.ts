import { AwsError, isAwsError } from '../../../aws/errors.ts';
import type { ActionRule } from '../../../kit/operation.ts';

/** An answer that is no AccessDenied is no refusal of IAM's. */
const isDenied = (error: unknown) => isAwsError(error, 'AccessDeniedException');

/**
 * A rule whose refusal names the branch where that is what is refused (CC-SEC-03): AWS's sentence names the repository and the
 * kind of policy alone. That a thing is there is not told to who may do nothing with it.
 * @param plain the same rule without the branch
 */
export function namingBranch<C, I, R>(
  rule: ActionRule<C, I, R>,
  plain: ActionRule<C, I, unknown>,
  branchOf: (ctx: C, input: I) => Promise<string | undefined>,
): ActionRule<C, I, R> {
  return {
    ...rule,
    ask(action, more) {
      const [asks, asksPlain] = [rule.ask(action, more), plain.ask(action, more)];
      return async (ctx, input) => {
        try {
          return await asks(ctx, input);
        } catch (error) {
          if (!(error instanceof AwsError) || !isDenied(error)) throw error;
          const also = await asksPlain(ctx, input).then(() => undefined, isDenied);
          const branch = also ? undefined : await branchOf(ctx, input);
          if (branch === undefined) throw error;
          const message = `${error.message} (codecommit:References: ${branch})`;
          throw new AwsError(error.code, message, error.status, error.details);
        }
      };
    },
  };
}
