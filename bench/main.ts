// Prints figures of this machine, each beside a floor or a peer in the same run: `npm run bench [-- SECTION…]`.
import { benchActions } from './actions.ts';
import { benchAlarms } from './alarms.ts';
import { benchBalancer } from './balancer.ts';
import { benchBuildCache } from './build-cache.ts';
import { benchBuildGraph, benchBuildJobs, benchBuildQueue } from './build-queue.ts';
import { benchBuilds } from './builds.ts';
import { benchCodecommit } from './codecommit.ts';
import { benchCreatePipeline } from './create-pipeline.ts';
import { benchEvents } from './events.ts';
import { benchExecutions } from './executions.ts';
import { benchGetPipeline } from './get-pipeline.ts';
import { benchGitClone } from './git-clone.ts';
import { benchGitPush } from './git-push.ts';
import { benchInsights } from './insights.ts';
import { benchLogs } from './logs.ts';
import { benchMemory } from './memory.ts';
import { benchPush } from './push.ts';
import { benchS3 } from './s3.ts';
import { benchScale } from './scale.ts';
import { benchSqs } from './sqs.ts';
import { benchStart } from './start.ts';

const SECTIONS: Record<string, () => Promise<string[]>> = {
  'get-pipeline': benchGetPipeline,
  actions: benchActions,
  alarms: benchAlarms,
  balancer: benchBalancer,
  'build-cache': benchBuildCache,
  'build-graph': benchBuildGraph,
  'build-jobs': benchBuildJobs,
  'build-queue': benchBuildQueue,
  builds: benchBuilds,
  codecommit: benchCodecommit,
  'create-pipeline': benchCreatePipeline,
  events: benchEvents,
  executions: benchExecutions,
  'git-clone': benchGitClone,
  'git-push': benchGitPush,
  insights: benchInsights,
  logs: benchLogs,
  memory: benchMemory,
  push: benchPush,
  s3: benchS3,
  scale: benchScale,
  sqs: benchSqs,
  start: benchStart,
};

// Tests check each answer; users' servers do not.
process.env.SLIPWAY_CHECK_OUTPUTS = '';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `No section ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}.\n`,
  );
  process.exit(2);
}
for (const [name, section] of Object.entries(SECTIONS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`${name}\n`);
  for (const line of await section()) process.stdout.write(`  ${line}\n`);
}
