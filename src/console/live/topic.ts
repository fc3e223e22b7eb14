import type { Place } from '../store/live.ts';

/** What rings when there is an event to show. */
export const topicOf = ({ accountId, region }: Place): string =>
  `console/events/${accountId}/${region}`;
