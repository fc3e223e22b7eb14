import { revisionsIn } from '../../../kit/revisions.ts';

/** Of rules, targets and archives. */
export const revisions = revisionsIn('events_revision');
