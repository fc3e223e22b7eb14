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
  eventType: 'AwsApiCall' | 'AwsConsoleSignIn';
  managementEvent: true;
  recipientAccountId: string;
  eventCategory: 'Management';
}

/**
 * The console's own calls, which are no API's.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
 */
const SIGN_IN = 'signin';

/** Whose history a call belongs into, and whether it belongs into one at all. */
export function ownerOf({ principal, region, data, operation }: CallRecord) {
  // Of a caller who is not known nobody can say whose history it would be; AWS keeps none of those either.
  if (!principal || region === undefined || data || operation === 'unknown') return undefined;
  return { accountId: principal.accountId, region };
}

/** What an event says that those of a caller who does the same again say too: made once, as text. */
interface Template {
  /** From the beginning up to the time, from there up to what was asked, and from the event's id to the end. */
  parts: [string, string, string];
  attributes: readonly [Attribute, string][];
}

/** An event as it is written, a StoredEvent in JSON, and what it is found by: one list for all events of a template. */
export interface WrittenEvent {
  line: string;
  attributes: readonly [Attribute, string][];
}

/** So many are remembered; what comes then begins anew. */
const MOST_TEMPLATES = 1000;

/**
 * Makes the event of a call. Its secrets are gone already: see `aws/redact.ts`. Every call pays for it, so that what
 * many calls have in common is put into JSON once.
 */
export function makeEventWriter(): (record: CallRecord, id: EventId) => WrittenEvent {
  const templates = new Map<string, Template>();
  let second = { at: Number.NaN, text: '' };

  function templateOf(record: CallRecord): Template {
    const key = keyOf(record);
    let found = templates.get(key);
    if (!found) {
      if (templates.size >= MOST_TEMPLATES) templates.clear();
      found = makeTemplate(record);
      templates.set(key, found);
    }
    return found;
  }

  function timeText(at: Date): string {
    const seconds = Math.floor(at.getTime() / 1000);
    if (second.at !== seconds) second = { at: seconds, text: secondsOf(at) };
    return second.text;
  }

  return (record, id) => {
    const { parts, attributes } = templateOf(record);
    const { errorCode, errorMessage, additional, requestId } = record;
    const error = errorCode === undefined ? '' : `,"errorCode":${JSON.stringify(errorCode)}`;
    const why =
      errorMessage === undefined ? '' : `,"errorMessage":${JSON.stringify(cut(errorMessage))}`;
    const asked = bounded(record.parameters());
    // A sign-in that fails answers so: its error is no more than a sentence.
    const says = errorCode === undefined || record.api === SIGN_IN;
    const answered = says ? bounded(record.answer()) : 'null';
    const more = additional ? `,"additionalEventData":${JSON.stringify(additional)}` : '';
    const line =
      `{"id":"${id}"${parts[0]}${timeText(record.at)}${parts[1]}${error}${why}` +
      `,"requestParameters":${asked},"responseElements":${answered}${more}` +
      `,"requestID":"${requestId}","eventID":"${id}"${parts[2]}`;
    return { line, attributes };
  };
}

/** All that a template is made of. */
function keyOf({ principal, touched, api, operation, region, ...call }: CallRecord): string {
  const { accessKeyId, invokedBy, sourceIp, userAgent, readOnly } = call;
  const session = principal?.type === 'assumed-role' ? principal.issuedAt : '';
  let key = `${api}\n${operation}\n${region}\n${principal?.arn}\n${principal?.userId}\n${session}`;
  key += `\n${accessKeyId}\n${invokedBy}\n${sourceIp}\n${readOnly}\n${JSON.stringify(userAgent)}`;
  for (const { arn, type } of touched) key += `\n${arn}\n${type}`;
  return key;
}

function makeTemplate(record: CallRecord): Template {
  const { api, invokedBy, touched, principal, readOnly } = record;
  const user = userName(principal);
  const service = principal?.type === 'service' ? principal.service : invokedBy;
  const identity = userIdentity(record);
  const place = {
    eventSource: `${api}.amazonaws.com`,
    eventName: record.operation,
    awsRegion: record.region ?? '',
    sourceIPAddress: service ?? record.sourceIp,
    userAgent: service ?? cut(record.userAgent),
  };
  const end = {
    readOnly,
    ...(touched.length > 0 && { resources: touched.map(resourceOf) }),
    eventType: api === SIGN_IN ? ('AwsConsoleSignIn' as const) : ('AwsApiCall' as const),
    managementEvent: true as const,
    recipientAccountId: principal?.accountId ?? '',
    eventCategory: 'Management' as const,
  };
  const given = user === undefined ? '' : `,"user":${JSON.stringify(user)}`;
  const begin = `${given},"event":{"eventVersion":"1.11","userIdentity":${JSON.stringify(identity)},"eventTime":"`;
  return {
    parts: [begin, `",${membersOf(place)}`, `,${membersOf(end)}}}`],
    attributes: attributesOf({ user, event: { userIdentity: identity, ...place, ...end } }),
  };
}

/** The members of an object in JSON, without the braces. */
function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
}

/** As JSON. As AWS does, a field that is too long is left out as a whole. */
function bounded(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  const text = JSON.stringify(value);
  return text === '{}' || text.length > MAX_FIELD_LENGTH ? 'null' : text;
}

function resourceOf({ arn: ARN, type }: TouchedResource) {
  const accountId = parseArn(ARN)?.accountId;
  return { ...(accountId && { accountId }), ...(type !== undefined && { type }), ARN };
}

/** The resources as LookupEvents tells and finds them: by ARN, and by the name at its end. */
export function resourcesOf({ resources = [] }: Pick<CloudTrailEvent, 'resources'>) {
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

/** The members of an event by which it is found. */
interface Findable {
  user?: string | undefined;
  event: Pick<
    CloudTrailEvent,
    'eventName' | 'readOnly' | 'eventSource' | 'userIdentity' | 'resources'
  >;
}

/** Everything that an event is found by. */
export function attributesOf({ user, event }: Findable): [Attribute, string][] {
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
