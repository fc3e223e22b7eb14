import { operationsIn } from '../../../kit/operation.ts';
import * as activities from './activities.ts';
import * as groups from './groups.ts';
import * as hooks from './hooks.ts';
import * as instances from './instances.ts';
import * as launchConfigurations from './launch-configurations.ts';
import * as notifications from './notifications.ts';
import * as policies from './policies.ts';
import * as processes from './processes.ts';
import * as refreshes from './refreshes.ts';
import * as schedules from './schedules.ts';
import * as tags from './tags.ts';
import * as targets from './targets.ts';
import * as types from './types.ts';

export const operations = operationsIn(
  activities,
  groups,
  hooks,
  instances,
  launchConfigurations,
  notifications,
  policies,
  processes,
  refreshes,
  schedules,
  tags,
  targets,
  types,
);
