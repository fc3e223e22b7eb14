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

interface Event {
  EventId?: string | undefined;
  EventTime?: Date | undefined;
  CloudTrailEvent?: string | undefined;
}

const REFUSED =
  /^(Client\.)?(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError)$/;

/** A session's role: what an assumed role may is what its role may. */
export function principalOf(arn: string): string {
  const [, partition, account, role] =
    /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}

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
  const explicit = /with an explicit deny in an? ([\w -]+)/.exec(sentence)?.[1];
  return {
    ...{ id: event.EventId ?? '', at: event.EventTime, who, principal: principalOf(who), sentence },
    action: /to perform: ([\w-]+:\w+)/.exec(sentence)?.[1] ?? '',
    resource: (/on resource: "?([^\s"]+)/.exec(sentence)?.[1] ?? '*').replace(/,$/, ''),
    decidedBy: explicit ?? /because no ([\w -]+) allows/.exec(sentence)?.[1] ?? '',
    explicit: explicit !== undefined,
  };
}

/** The least that allows it. */
export const statementFor = ({ action, resource }: Pick<Denial, 'action' | 'resource'>) =>
  JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource }, null, 2);

/** As a policy of its own. */
export const policyFor = (denial: Pick<Denial, 'action' | 'resource'>) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [JSON.parse(statementFor(denial))] });
