import { createHash } from 'node:crypto';
import { compileWildcard } from '../../../lib/wildcard.ts';
import { limits } from '../limits.ts';

/** What approval rules and their templates say: `{"Version":"2018-11-08","Statements":[…]}` (CC-APR-01). Pure. */

/** How many of whom have to approve. Without a pool everybody who may approve counts. */
export interface Statement {
  needed: number;
  pool: string[] | undefined;
}

export interface RuleContent {
  statements: Statement[];
  /** Full names of branches, with `*` for any text; undefined for all branches. Of templates. */
  destinations: string[] | undefined;
}

type Json = Record<string, unknown>;

/** The text's SHA-256 in hexadecimal digits, by which callers say what they replace. */
export const contentSha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a text says, or undefined where it is not the content of a rule, or of a template. */
export function parseRuleContent(text: string): RuleContent | undefined {
  if (text.length > limits.approvalRuleContent) return undefined;
  const content = objectOf(parseJson(text), ['Version', 'DestinationReferences', 'Statements']);
  if (content?.Version !== '2018-11-08') return undefined;
  const { Statements, DestinationReferences } = content;
  const statements = listOf(Statements, limits.approvalRuleStatements, statementOf);
  if (!statements || statements.length === 0) return undefined;
  if (DestinationReferences === undefined) return { statements, destinations: undefined };
  const destinations = listOf(DestinationReferences, limits.destinationReferences, destinationOf);
  return destinations && { statements, destinations };
}

/** Does a template's rule go to pull requests that are to be merged into this branch (its full name)? */
export function isFor({ destinations }: RuleContent, destinationReference: string): boolean {
  if (!destinations || destinations.length === 0) return true;
  return destinations.some((pattern) => compileWildcard(pattern)(destinationReference));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object, where it has no other members than these. */
function objectOf(value: unknown, members: readonly string[]): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.keys(value).every((name) => members.includes(name)) ? (value as Json) : undefined;
}

/** Each of a list, where it is one of at most `most` and none of it is refused. */
function listOf<T>(
  value: unknown,
  most: number,
  read: (each: unknown) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value) || value.length > most) return undefined;
  const all = value.map(read);
  return all.every((each) => each !== undefined) ? (all as T[]) : undefined;
}

function statementOf(value: unknown): Statement | undefined {
  const statement = objectOf(value, ['Type', 'NumberOfApprovalsNeeded', 'ApprovalPoolMembers']);
  if (statement?.Type !== 'Approvers') return undefined;
  const { NumberOfApprovalsNeeded: needed, ApprovalPoolMembers } = statement;
  if (!Number.isInteger(needed) || (needed as number) < 1) return undefined;
  if ((needed as number) > limits.approvals) return undefined;
  const pool =
    ApprovalPoolMembers === undefined
      ? undefined
      : listOf(ApprovalPoolMembers, limits.approvalPool, memberOf);
  if (ApprovalPoolMembers !== undefined && !pool) return undefined;
  return { needed: needed as number, pool: pool?.length === 0 ? undefined : pool };
}

const APPROVERS = /^CodeCommitApprovers:(\d{12}):([\w+=,.@*/-]+)$/;
const IDENTITY =
  /^arn:[a-z*-]+:(?:iam::\d{12}:(?:root$|user\/|role\/)|sts::\d{12}:(?:assumed-role|federated-user)\/)[\w+=,.@*/-]*$/;

const memberOf = (value: unknown): string | undefined =>
  typeof value === 'string' && (APPROVERS.test(value) || IDENTITY.test(value)) ? value : undefined;

/** `*` may not stand at the beginning of the branch's name (CC-APR-01). */
const destinationOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^refs\/heads\/[^*\s][^\s]*$/.test(value) ? value : undefined;

/**
 * Does an approval of this identity count for a member of a pool (CC-APR-02)? `CodeCommitApprovers:ACCOUNT:NAME` means the users
 * and federated users of that name, and a session of a role by `ROLE/NAME` or `*NAME`; what is an ARN is compared as a whole.
 */
export function isInPool(member: string, userArn: string): boolean {
  const named = APPROVERS.exec(member);
  if (!named) return compileWildcard(member)(userArn);
  const [, accountId, name = ''] = named;
  const matches = compileWildcard(name);
  return namesOf(userArn, accountId ?? '').some(matches);
}

/** By what a member of a pool may name an identity of the account. */
function namesOf(userArn: string, accountId: string): string[] {
  const match = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(user|federated-user|assumed-role)\/(.+)$/.exec(
    userArn,
  );
  if (!match || match[1] !== accountId) return [];
  const [, , kind = '', rest = ''] = match;
  // Of a session its own name alone is none: whoever may assume a role would be whom he likes. Of a user the path is none,
  // which could be a role's name.
  const short = kind === 'assumed-role' ? rest : rest.slice(rest.lastIndexOf('/') + 1);
  return [`${kind}/${rest}`, short];
}

/** Is the rule satisfied by approvals of these identities, each of them once? */
export function isSatisfied({ statements }: RuleContent, approvers: readonly string[]): boolean {
  const each = [...new Set(approvers)];
  return statements.every(({ needed, pool }) => {
    const counted = pool
      ? each.filter((arn) => pool.some((member) => isInPool(member, arn)))
      : each;
    return counted.length >= needed;
  });
}
