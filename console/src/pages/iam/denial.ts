import type { Event } from '@aws-sdk/client-cloudtrail';
import { DENIED_RESOURCE, deniedArn, roleOf } from '../../../../src/lib/denied.ts';

/** What a refusal of the audit says, and what would have let it pass. Pure. */

export interface Denial {
  id: string;
  at: Date | undefined;
  /** Whose policies are asked: of a session, its role. */
  principal: string;
  /** As the record has it. */
  who: string;
  action: string;
  resource: string;
  /** AWS's sentence. */
  sentence: string;
  /** "identity-based policy", "permissions boundary" …, as the sentence says it. */
  decidedBy: string;
  explicit: boolean;
}

const ON_RESOURCE = new RegExp(`on resource: ${DENIED_RESOURCE}`);
const REFUSED =
  /^(Client\.)?(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError)$/;

/** Undefined where the event is no refusal by a policy. */
export function denialOf(event: Event): Denial | undefined {
  let record: { errorCode?: unknown; errorMessage?: unknown; userIdentity?: { arn?: unknown } };
  try {
    record = JSON.parse(event.CloudTrailEvent ?? '');
  } catch {
    return undefined;
  }
  if (!REFUSED.test(`${record.errorCode}`)) return undefined;
  const sentence = `${record.errorMessage ?? ''}`;
  const who = `${record.userIdentity?.arn ?? ''}`;
  const resource = (ON_RESOURCE.exec(sentence)?.[1] ?? '*').replace(/,$/, '');
  const explicit = /with an explicit deny in an? ([\w -]+)/.exec(sentence)?.[1];
  return {
    ...{ id: event.EventId ?? '', at: event.EventTime, who, principal: roleOf(who), sentence },
    action: /to perform: ([\w-]+:\w+)/.exec(sentence)?.[1] ?? '',
    resource: deniedArn(resource, who),
    decidedBy: explicit ?? /because no ([\w -]+) allows/.exec(sentence)?.[1] ?? '',
    explicit: explicit !== undefined,
  };
}

type Refused = Pick<Denial, 'action' | 'resource'>;

const allowing = ({ action, resource }: Refused) => ({
  ...{ Effect: 'Allow', Action: action, Resource: resource },
});

/** The least that allows it. */
export const statementFor = (refused: Refused) => JSON.stringify(allowing(refused), null, 2);

/** As a policy of its own. */
export const policyFor = (refused: Refused) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [allowing(refused)] });

/** Which policy said no, in words. */
export const decidedText = ({ decidedBy, explicit }: Pick<Denial, 'decidedBy' | 'explicit'>) => {
  if (decidedBy === '') return 'Not said';
  return explicit ? `Explicit deny in the ${decidedBy}` : `No ${decidedBy} allows it`;
};
