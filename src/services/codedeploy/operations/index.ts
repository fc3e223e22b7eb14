import { operationsIn } from '../../../kit/operation.ts';
import * as applications from './applications.ts';
import * as configs from './configs.ts';
import * as waits from './continue-deployment.ts';
import * as deployments from './deployments.ts';
import * as groups from './groups.ts';
import * as hooks from './hooks.ts';
import * as instances from './instances.ts';
import * as outside from './outside.ts';
import * as revisions from './revisions.ts';
import * as tags from './tags.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(
  applications,
  configs,
  deployments,
  groups,
  hooks,
  instances,
  outside,
  revisions,
  tags,
  targets,
  waits,
);
