import { operationsIn } from '../../../kit/operation.ts';
import * as alarms from './alarms.ts';
import * as composites from './composites.ts';
import * as data from './data.ts';
import * as history from './history.ts';
import * as metrics from './metrics.ts';
import * as states from './states.ts';
import * as statistics from './statistics.ts';

export const operations = operationsIn(
  ...[alarms, composites, data, history, metrics],
  ...[states, statistics],
);
