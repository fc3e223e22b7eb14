import { operationsIn } from '../../../kit/operation.ts';
import * as entries from './entries.ts';
import * as rules from './rules.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(entries, rules, targets);
