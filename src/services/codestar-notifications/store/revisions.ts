import { revisionsIn } from '../../../kit/revisions.ts';

/** Of rules. */
export const revisions = revisionsIn('codestar_notifications_revision');
