import { heardIn } from '../../../kit/heard.ts';

/** Events that rules have been asked about. */
export const heard = heardIn('codestar_notifications_heard');
