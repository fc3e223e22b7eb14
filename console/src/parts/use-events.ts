import {
  CloudTrailClient,
  type Event,
  type LookupAttribute,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import { useAwsPages } from '../api/use-aws.ts';

/** The account's event history, newest first. @param pages of fifty events each */
export function useEvents(attribute: LookupAttribute | undefined, pages: number) {
  const { data, ...rest } = useAwsPages(
    CloudTrailClient,
    (NextToken) =>
      new LookupEventsCommand({
        ...{ NextToken, MaxResults: 50 },
        ...(attribute && { LookupAttributes: [attribute] }),
      }),
    ({ NextToken }) => NextToken,
    { pages, keep: true },
  );
  const events: Event[] | undefined = data?.flatMap(({ Events = [] }) => Events);
  return { ...rest, events };
}
