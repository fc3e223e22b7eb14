import { operationsIn } from '../../../kit/operation.ts';
import * as groups from './groups.ts';
import * as schedules from './schedules.ts';

export const operations = operationsIn(groups, schedules);
