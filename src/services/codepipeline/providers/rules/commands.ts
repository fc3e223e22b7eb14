import { defineRuleType } from '../action-type.ts';
import { commands } from '../commands.ts';
import { lookAtManagedBuild, startManagedBuild } from '../managed-build.ts';

const { provider, configuration, rules, links, timeoutMinutes } = commands;

/** Shell commands that must succeed: as the action (CP-B7), whose subscription tells of their end too. */
export const commandsRule = defineRuleType({
  ...{ provider, configuration, timeoutMinutes },
  ...(rules && { rules }),
  ...(links && { links }),
  inputs: [1, 10],
  members: { commands: 'required' },
  start: (job) => startManagedBuild(job, { commands: job.run.input.own?.commands ?? [] }),
  look: lookAtManagedBuild,
});
