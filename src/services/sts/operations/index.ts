import { operationsIn } from '../../../kit/operation.ts';
import * as federation from './federation.ts';
import * as sessions from './sessions.ts';

export const operations = operationsIn(federation, sessions);
