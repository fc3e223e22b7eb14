import type { PutPermissionCommandInput } from '@aws-sdk/client-eventbridge';

/** A statement as PutPermission makes one; those of a whole policy may have more. */
interface Statement {
  Sid?: string;
  [member: string]: unknown;
}

interface Policy {
  Version: string;
  Statement: Statement[];
}

const read = (policy: string | undefined): Policy => {
  const { Version = '2012-10-17', Statement = [] } = JSON.parse(policy ?? '{}');
  return { Version, Statement: [Statement].flat() };
};

/** The policy of a bus with a statement that lets an account, or everybody, put events. One of the same id goes. */
export function withStatement(
  policy: string | undefined,
  resource: string,
  { Action, Principal, StatementId, Condition }: PutPermissionCommandInput,
): string {
  const { Version, Statement } = read(policy);
  const added = {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    ...{ Action, Resource: resource },
    ...(Condition && {
      Condition: { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value } },
    }),
  };
  const others = Statement.filter(({ Sid }) => Sid !== StatementId);
  return JSON.stringify({ Version, Statement: [...others, added] });
}

/** The policy without a statement: undefined where it has none of this id, empty where none is left. */
export function withoutStatement(policy: string, id: string | undefined): string | undefined {
  const { Version, Statement } = read(policy);
  const left = Statement.filter(({ Sid }) => Sid !== id);
  if (left.length === Statement.length) return undefined;
  return left.length === 0 ? '' : JSON.stringify({ Version, Statement: left });
}
