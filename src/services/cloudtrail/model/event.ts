import { parseArn } from '../../../aws/arn.ts';
import type { CallRecord } from '../../../aws/record.ts';
import type { TouchedResource } from '../../../aws/record-facts.ts';
import { MAX_FIELD_LENGTH, MAX_TEXT_LENGTH } from '../limits.ts';
import type { EventId } from './event-id.ts';
import { secondsOf, userIdentity, userName } from './identity.ts';

/** What an event is looked up by, beside its id. */
export type Attribute = Exclude<LookupKey, 'EventId'>;
export type LookupKey =
  | 'EventId'
  | 'EventName'
  | 'ReadOnly'
  | 'Username'
  | 'ResourceType'
  | 'ResourceName'
  | 'EventSource'
  | 'AccessKeyId';

/** An event as the history keeps it. */
export interface StoredEvent {
  id: EventId;
  /** What `Username` finds; the event itself does not say it in one place. */
  user?: string;
  event: CloudTrailEvent;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export interface CloudTrailEvent {
  eventVersion: string;
  userIdentity: object & { accessKeyId?: string };
  eventTime: string;
  eventSource: string;
  eventName: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode?: string;
  errorMessage?: string;
  requestParameters: unknown;
  responseElements: unknown;
  additionalEventData?: object;
  requestID: string;
  eventID: EventId;
  readOnly: boolean;
  resources?: { accountId?: string; type?: string; ARN: string }[];
  eventType: 'AwsApiCall';
  managementEvent: true;
  recipientAccountId: string;
  eventCategory: 'Management';
}

/** Whose history a call belongs into, and whether it belongs into one at all. */
export function ownerOf({ principal, region, data, operation }: CallRecord) {
  // Of a caller who is not known nobody can say whose history it would be; AWS keeps none of those either.
  if (!principal || region === undefined || data || operation === 'unknown') return undefined;
  return { accountId: principal.accountId, region };
}

/** The event of a call. Its secrets are gone already: see `aws/redact.ts`. */
export function eventOf(record: CallRecord, eventID: EventId): StoredEvent {
  const { at, api, errorCode, errorMessage, invokedBy, additional, touched, principal } = record;
  const user = userName(principal);
  const service = principal?.type === 'service' ? principal.service : invokedBy;
  const event: CloudTrailEvent = {
    eventVersion: '1.11',
    userIdentity: userIdentity(record),
    eventTime: secondsOf(at),
    eventSource: `${api}.amazonaws.com`,
    eventName: record.operation,
    awsRegion: record.region ?? '',
    sourceIPAddress: service ?? record.sourceIp,
    userAgent: service ?? cut(record.userAgent),
    ...(errorCode !== undefined && { errorCode }),
    ...(errorMessage !== undefined && { errorMessage: cut(errorMessage) }),
    requestParameters: bounded(record.parameters()),
    responseElements: errorCode === undefined ? bounded(record.answer()) : null,
    ...(additional && { additionalEventData: additional }),
    requestID: record.requestId,
    eventID,
    readOnly: record.readOnly,
    ...(touched.length > 0 && { resources: touched.map(resourceOf) }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: principal?.accountId ?? '',
    eventCategory: 'Management',
  };
  return { id: eventID, ...(user !== undefined && { user }), event };
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
}

/** As AWS does, a field that is too long is left out as a whole. */
function bounded(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object' && Object.keys(value).length === 0) return null;
  return JSON.stringify(value).length > MAX_FIELD_LENGTH ? null : value;
}

function resourceOf({ arn: ARN, type }: TouchedResource) {
  const accountId = parseArn(ARN)?.accountId;
  return { ...(accountId && { accountId }), ...(type !== undefined && { type }), ARN };
}

/** The resources as LookupEvents tells and finds them: by ARN, and by the name at its end. */
export function resourcesOf({ resources = [] }: CloudTrailEvent) {
  return resources.flatMap(({ type, ARN }) =>
    [...new Set([ARN, nameOf(ARN)])].map((ResourceName) => ({
      ...(type !== undefined && { ResourceType: type }),
      ResourceName,
    })),
  );
}

function nameOf(arn: string): string {
  const { resource = arn } = parseArn(arn) ?? {};
  return resource.split(/[/:]/).at(-1) || resource;
}

/** Everything that an event is found by. */
export function attributesOf({ user, event }: StoredEvent): [Attribute, string][] {
  const found: [Attribute, string | undefined][] = [
    ['EventName', event.eventName],
    ['ReadOnly', String(event.readOnly)],
    ['EventSource', event.eventSource],
    ['Username', user],
    ['AccessKeyId', event.userIdentity.accessKeyId],
  ];
  for (const { ResourceType, ResourceName } of resourcesOf(event))
    found.push(['ResourceType', ResourceType], ['ResourceName', ResourceName]);
  return found.filter((pair): pair is [Attribute, string] => Boolean(pair[1]));
}
