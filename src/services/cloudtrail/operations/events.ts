import { createHash } from 'node:crypto';
import type { LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  invalidAttributes,
  invalidEventCategory,
  invalidMaxResults,
  invalidNextToken,
  invalidTimeRange,
} from '../errors.ts';
import { findEvents } from '../history/lookup.ts';
import { KEPT_MS, MAX_RESULTS, MAX_VALUE_LENGTH } from '../limits.ts';
import type { LookupKey } from '../model/event.ts';
import { type Lookup, shown } from '../model/lookup.ts';
import { cloudtrail } from './declare.ts';

/** The newest first; only those of the caller's account and region. */
export const lookupEvents = cloudtrail('lookupEvents', {}, async (ctx, input) => {
  const lookup = lookupOf(ctx, input);
  const limit = limitOf(input);
  // What this server has answered by now is found; another server's events of the last second may not be.
  await ctx.recorded();
  const asked = { token: input.NextToken, limit, refuse: invalidNextToken };
  const { items, nextToken } = await page(
    tokensFor(ctx, input),
    asked,
    (after: string | undefined, count) => findEvents(ctx.db, ctx, lookup, after, count),
    ({ id }) => id,
  );
  return { Events: items.map(shown), ...(nextToken !== undefined && { NextToken: nextToken }) };
});

function limitOf({ MaxResults = MAX_RESULTS }: LookupEventsCommandInput): number {
  if (MaxResults < 1 || MaxResults > MAX_RESULTS) throw invalidMaxResults();
  return MaxResults;
}

/** @throws InvalidLookupAttributesException, InvalidTimeRangeException, InvalidEventCategoryException */
function lookupOf(ctx: ServiceContext, input: LookupEventsCommandInput): Lookup {
  const { StartTime, EndTime, EventCategory } = input;
  const attribute = attributeOf(input);
  if (StartTime && EndTime && StartTime > EndTime) throw invalidTimeRange();
  if (EventCategory === 'insight') throw unsupported('Insights events');
  if (EventCategory !== undefined) throw invalidEventCategory(EventCategory);
  const now = ctx.clock.now().getTime();
  const from = Math.max(now - KEPT_MS, StartTime?.getTime() ?? 0);
  // Times are told in seconds: an event of the second that was named is within.
  const to = EndTime ? Math.floor(EndTime.getTime() / 1000) * 1000 + 999 : now + 999;
  return { from, to, ...(attribute && { attribute }) };
}

const KEYS = new Set<string>([
  ...['EventId', 'EventName', 'ReadOnly', 'Username'],
  ...['ResourceType', 'ResourceName', 'EventSource', 'AccessKeyId'],
]);

function attributeOf({ LookupAttributes = [] }: LookupEventsCommandInput): Lookup['attribute'] {
  const [first] = LookupAttributes;
  if (LookupAttributes.length > 1)
    throw invalidAttributes('Only one lookup attribute can be specified.');
  if (!first) return undefined;
  const { AttributeKey: key = '', AttributeValue: value = '' } = first;
  if (!KEYS.has(key)) throw invalidAttributes(`The lookup attribute key ${key} is not valid.`);
  if (value.length < 1 || value.length > MAX_VALUE_LENGTH)
    throw invalidAttributes(
      `The value of a lookup attribute must have 1 to ${MAX_VALUE_LENGTH} characters.`,
    );
  if (key === 'ReadOnly' && value !== 'true' && value !== 'false')
    throw invalidAttributes('The value of the lookup attribute ReadOnly must be true or false.');
  return { key: key as LookupKey, value };
}

/** A token is good for the parameters that it was given for. */
function tokensFor(
  ctx: ServiceContext,
  { LookupAttributes, StartTime, EndTime }: LookupEventsCommandInput,
) {
  const asked = JSON.stringify([LookupAttributes ?? [], StartTime, EndTime]);
  const digest = createHash('sha256').update(asked).digest('base64');
  return {
    sealToken: (after: unknown) => ctx.sealToken({ after, digest }),
    openToken(token: string) {
      const state = ctx.openToken(token) as { after: unknown; digest: string } | undefined;
      return state?.digest === digest ? state.after : undefined;
    },
  };
}
