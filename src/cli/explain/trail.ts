import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { append } from '../../lib/append.ts';
import { roleOf } from '../../lib/denied.ts';
import { clientConfig, type Server } from '../server.ts';
import { type Denial, denialsIn } from './denial.ts';

/** Whose calls, and when. */
export interface Window {
  /** The name of the session, or of the user. */
  userName: string;
  from: Date;
  to: Date;
}

/** A busy session has thousands of calls in an hour; its newest are those before it failed. */
const MOST_PAGES = 10;
/** CloudTrail's times are whole seconds, and a refusal may be noted after the action has ended. */
const MARGIN_MS = 2_000;

/** A refused call, as CloudTrail has it. */
export interface TrailDenial extends Denial {
  time: Date;
  code: string;
}

/** The refused calls of a session: what the history of the asking account has of them. */
export async function refusedCalls(server: Server, window: Window): Promise<TrailDenial[]> {
  const client = new CloudTrailClient(clientConfig(server));
  const found: TrailDenial[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer: { Events?: Event[]; NextToken?: string } = await client.send(
      new LookupEventsCommand({
        ...{ NextToken, MaxResults: 50 },
        LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: window.userName }],
        StartTime: new Date(window.from.getTime() - MARGIN_MS),
        EndTime: new Date(window.to.getTime() + MARGIN_MS),
      }),
    );
    append(
      found,
      (answer.Events ?? []).flatMap((event) => refusalOf(event) ?? []),
    );
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  client.destroy();
  return found;
}

/** Of an event's text, what is read of it. */
interface Told {
  eventSource?: string;
  eventName?: string;
  errorCode?: string;
  errorMessage?: string;
  userIdentity?: { arn?: string; sessionContext?: { sessionIssuer?: { arn?: string } } };
  resources?: { ARN?: string }[];
}

const DENIED = /AccessDenied|Unauthorized|NotAuthorized|Forbidden/;

/** @returns undefined where the call was not refused for want of rights */
export function refusalOf({ CloudTrailEvent, EventTime }: Event): TrailDenial | undefined {
  const told = JSON.parse(CloudTrailEvent ?? '{}') as Told;
  const { errorCode: code = '', errorMessage = '', userIdentity } = told;
  if (!DENIED.test(code)) return undefined;
  const { sure } = denialsIn(errorMessage);
  const service = told.eventSource?.split('.')[0] ?? '';
  const own: Denial = sure[0] ?? {
    principal: roleOf(userIdentity?.arn ?? ''),
    action: `${service}:${told.eventName}`,
    resource: told.resources?.[0]?.ARN ?? '*',
  };
  const issuer = userIdentity?.sessionContext?.sessionIssuer?.arn;
  // The issuer is the role with its path.
  const principal =
    issuer && roleOf(userIdentity?.arn ?? '') === own.principal ? issuer : own.principal;
  return { ...own, principal, code, time: EventTime ?? new Date(0) };
}
