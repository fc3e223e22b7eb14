import { defineRuleType } from '../action-type.ts';
import { codeBuild } from '../codebuild.ts';

const { provider, configuration, rules, links, start, look } = codeBuild;

/** A build that must succeed: as the action (CP-B6), whose subscription tells of its end too. */
export const codeBuildRule = defineRuleType({
  ...{ provider, configuration, start },
  ...(look && { look }),
  ...(rules && { rules }),
  ...(links && { links }),
  inputs: [1, 5],
  timeoutMinutes: 8 * 60,
});
