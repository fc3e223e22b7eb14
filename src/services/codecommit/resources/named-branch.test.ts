import { expect, test } from 'vitest';
import { AwsError } from '../../../aws/errors.ts';
import type { ActionRule } from '../../../kit/operation.ts';
import { namingBranch } from './named-branch.ts';

const denied = new AwsError('AccessDeniedException', 'User: x is not authorized', 400);
const rule = (failure?: Error): ActionRule<object, object, string> => ({
  ask: () => async () => {
    if (failure) throw failure;
    return 'asked';
  },
});
const asked = (own: Error | undefined, plain: Error | undefined) =>
  namingBranch(rule(own), rule(plain), async () => 'refs/heads/main').ask('a:B')({}, {});

test('CC-SEC-03: a refusal names the branch where that is what is refused', async () => {
  expect(await asked(undefined, denied)).toBe('asked');
  await expect(asked(denied, undefined)).rejects.toMatchObject({
    ...{ name: 'AccessDeniedException', status: 400 },
    message: 'User: x is not authorized (codecommit:References: refs/heads/main)',
  });
  // Not found, by who may.
  await expect(asked(denied, new Error('none'))).rejects.toThrow('refs/heads/main');
  await expect(asked(denied, denied)).rejects.toBe(denied);
  const other = new AwsError('Throttling', 'later');
  await expect(asked(other, undefined)).rejects.toBe(other);
});
