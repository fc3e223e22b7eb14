import type { Api } from '../../../aws/api.ts';
import * as shared from '../../../lib/codedeploy-commands.ts';

const common = {
  protocol: 'json1.1',
  operations: shared.OPERATIONS,
  errors: shared.ERRORS,
} as const;

/** The agents' API, and the same with an auth policy. */
export const commandsApi: Api = {
  ...common,
  name: shared.SIGNING_NAME,
  targetPrefix: shared.TARGET_PREFIX,
};
export const secureCommandsApi: Api = {
  ...common,
  name: shared.SECURE_SIGNING_NAME,
  targetPrefix: shared.SECURE_TARGET_PREFIX,
};
