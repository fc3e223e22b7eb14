import { operationsIn } from '../../../kit/operation.ts';
import * as alarms from './alarms.ts';
import * as composites from './composites.ts';
import * as dashboards from './dashboards.ts';
import * as data from './data.ts';
import * as history from './history.ts';
import * as metrics from './metrics.ts';
import * as muteRules from './mute-rules.ts';
import * as states from './states.ts';
import * as statistics from './statistics.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  ...[alarms, composites, dashboards, data, history, metrics],
  ...[muteRules, states, statistics, tags],
);
