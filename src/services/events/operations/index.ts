import { operationsIn } from '../../../kit/operation.ts';
import * as putEvents from './put-events.ts';
import * as rules from './rules.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(putEvents, rules, targets);
