import { operationsIn } from '../../../kit/operation.ts';
import * as events from './events.ts';

export const operations = operationsIn(events);
