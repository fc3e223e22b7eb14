import { operationsIn } from '../../../kit/operation.ts';
import * as sessions from './sessions.ts';

export const operations = operationsIn(sessions);
