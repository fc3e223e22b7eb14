/** A statement of a policy, of which only its name is looked at. */
export interface Statement {
  Sid?: string;
  [member: string]: unknown;
}

export interface Policy {
  Statement: Statement[];
  [member: string]: unknown;
}

/** A resource's policy that was checked when it was set; one statement may stand for a list. */
export function readPolicy(text: string): Policy {
  const { Statement = [], ...more } = JSON.parse(text);
  return { ...more, Statement: [Statement].flat() };
}

/** What AddPermission gives: accounts may do something with the resource. @param actions with the service: `SQS:SendMessage` */
export function allowAccounts(
  Sid: string,
  accountIds: readonly string[],
  actions: readonly string[],
  Resource: string,
): Statement {
  const principals = accountIds.map((id) => `arn:aws:iam::${id}:root`);
  return {
    ...{ Sid, Effect: 'Allow', Principal: { AWS: single(principals) } },
    ...{ Action: single(actions), Resource },
  };
}

const single = <T>(list: readonly T[]) => (list.length === 1 ? (list[0] as T) : list);

/** The policy with a statement more. */
export const withStatement = ({ Statement, ...more }: Policy, added: Statement): string =>
  JSON.stringify({ ...more, Statement: [...Statement, added] });

/** The policy without the statement of that name. */
export const withoutStatement = ({ Statement, ...more }: Policy, sid: string): Policy => ({
  ...more,
  Statement: Statement.filter(({ Sid }) => Sid !== sid),
});
