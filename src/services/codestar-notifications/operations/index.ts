import { operationsIn } from '../../../kit/operation.ts';
import * as eventTypes from './event-types.ts';
import * as rules from './rules.ts';
import * as tags from './tags.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(rules, targets, eventTypes, tags);
