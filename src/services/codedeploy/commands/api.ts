import type { Api } from '../../../aws/api.ts';
import { json11 } from '../../../aws/protocols/json.ts';
import * as shared from '../../../lib/codedeploy-commands.ts';

/** CodeDeploy checks its input itself, here as in its other API: that goes by the name. */
const common = {
  name: 'codedeploy',
  protocols: [json11],
  validation: 'self',
  // The conversation of hosts with the service, which AWS keeps no events of.
  record: { data: 'all' },
  operations: shared.OPERATIONS,
  errors: shared.ERRORS,
} as const;

/** The agents' API, and the same with an auth policy. Agents sign with names of their own. */
export const commandsApi: Api = {
  ...common,
  signingAliases: [shared.SIGNING_NAME],
  hosts: [shared.SIGNING_NAME],
  targetPrefix: shared.TARGET_PREFIX,
};
export const secureCommandsApi: Api = {
  ...common,
  signingAliases: [shared.SECURE_SIGNING_NAME],
  hosts: [shared.SECURE_SIGNING_NAME],
  targetPrefix: shared.SECURE_TARGET_PREFIX,
};
