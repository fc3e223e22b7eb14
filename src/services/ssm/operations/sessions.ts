import { randomBytes } from 'node:crypto';
import type { ConnectionStatus, SessionFilter } from '@aws-sdk/client-ssm';
import { formatArn } from '../../../aws/arn.ts';
import type { RequestFacts } from '../../../aws/context.ts';
import { unsupported } from '../../../aws/errors.ts';
import type { Principal } from '../../../aws/principal.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidDocument, notConnected, sessionNotFound, validation } from '../errors.ts';
import { DEFAULT_LIMIT, KEPT_MS, TOKEN_MS } from '../limits.ts';
import {
  DOCUMENTS,
  digestOf,
  type Session,
  SHELL_DOCUMENT,
  sessionIdOf,
  statusAt,
} from '../model/session.ts';
import { filterProblem, passes } from '../model/session-filters.ts';
import { sessionTopic } from '../sessions/topic.ts';
import * as store from '../store/sessions.ts';
import { ssm } from './declare.ts';
import { asked } from './pages.ts';

export const startSession = ssm('startSession', 'self', async (ctx, input) => {
  const { Target = '', DocumentName, Reason: reason } = input;
  const found = await ctx.sessionTarget(ctx, Target);
  const resources = [found?.arn ?? instanceArn(ctx, Target)];
  if (DocumentName !== undefined) resources.push(documentArn(ctx, DocumentName));
  await ctx.authorize('ssm:StartSession', resources);
  const documentName = nameOf(DocumentName ?? SHELL_DOCUMENT);
  const command = commandOf(documentName, input.Parameters);
  if (!found?.open) throw notConnected(Target);
  const now = ctx.clock.now().getTime();
  const session: Session = {
    sessionId: sessionIdOf(callerName(ctx.principal), randomBytes(9)),
    ...{ accountId: ctx.accountId, region: ctx.region },
    ...{ status: 'Connecting', startedAt: now, tokenUntil: 0, target: Target, documentName },
    owner: ctx.principal.arn,
    ...(command !== undefined && { command }),
    ...(reason !== undefined && { reason }),
  };
  const token = newToken(now);
  await ctx.transaction(async (tx) => {
    await store.forgetSessions(tx, now - KEPT_MS);
    await store.insertSession(tx, session, token);
  });
  return opened(ctx, session.sessionId, token.text);
});

export const resumeSession = ssm(
  'resumeSession',
  { resource: (ctx, { SessionId = '' }) => sessionArn(ctx, SessionId) },
  async (ctx, { SessionId = '' }) => {
    const token = newToken(ctx.clock.now().getTime());
    await ctx.transaction(async (tx) => {
      const session = await store.findSession(tx, SessionId);
      if (!session || !isOf(session, ctx) || session.status === 'Terminated')
        throw sessionNotFound(SessionId);
      await store.setToken(tx, SessionId, token);
    });
    return opened(ctx, SessionId, token.text);
  },
);

export const terminateSession = ssm(
  'terminateSession',
  { resource: (ctx, { SessionId = '' }) => sessionArn(ctx, SessionId) },
  async (ctx, { SessionId = '' }) => {
    await ctx.transaction(async (tx) => {
      const session = await store.findSession(tx, SessionId);
      // AWS's model has no error for one that is not there.
      if (!session || !isOf(session, ctx)) return;
      await store.setStatus(tx, SessionId, 'Terminated', ctx.clock.now().getTime());
      await ctx.engine.ring(tx, sessionTopic(SessionId));
    });
    return { SessionId };
  },
);

/** Whether a build or sandbox takes sessions now. */
export const getConnectionStatus = ssm('getConnectionStatus', {}, async (ctx, { Target = '' }) => {
  const found = await ctx.sessionTarget(ctx, Target);
  const Status: ConnectionStatus = found?.open ? 'connected' : 'notconnected';
  return { Target, Status };
});

const ROWS_AT_ONCE = 500;

export const describeSessions = ssm('describeSessions', {}, async (ctx, input) => {
  const now = ctx.clock.now().getTime();
  const wanted = ruledFilters(input.Filters ?? []);
  const matches = (session: Session) =>
    (statusAt(session, now).status === 'Terminated') === (input.State === 'History') &&
    wanted(session, now);
  const { items, nextToken } = await page(
    ctx,
    asked(input, DEFAULT_LIMIT),
    (after: readonly [number, string] | undefined, count) => search(ctx, matches, after, count),
    ({ startedAt, sessionId }) => [startedAt, sessionId] as const,
  );
  return {
    Sessions: items.map((session) => described(session, now)),
    ...(nextToken && { NextToken: nextToken }),
  };
});

async function search(
  ctx: ServiceContext,
  matches: (session: Session) => boolean,
  start: readonly [number, string] | undefined,
  count: number,
): Promise<Session[]> {
  const found: Session[] = [];
  for (let after = start; ; ) {
    const rows = await store.listSessions(ctx.db, ctx, after, ROWS_AT_ONCE);
    for (const session of rows) {
      if (matches(session)) found.push(session);
      if (found.length === count) return found;
    }
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_ONCE) return found;
    after = [last.startedAt, last.sessionId];
  }
}

/** @throws ValidationException for a filter that says nothing that can be */
function ruledFilters(filters: SessionFilter[]) {
  const problem = filters.map(filterProblem).find((text) => text !== undefined);
  if (problem !== undefined) throw validation(problem);
  return (session: Session, now: number) => filters.every((filter) => passes(session, filter, now));
}

function described(session: Session, now: number) {
  const { sessionId, target, startedAt, documentName, owner, reason } = session;
  const { status, endedAt } = statusAt(session, now);
  return {
    ...{ SessionId: sessionId, Target: target, Status: status, StartDate: new Date(startedAt) },
    ...(endedAt !== undefined && { EndDate: new Date(endedAt) }),
    ...{ DocumentName: documentName, Owner: owner, AccessType: 'Standard' as const },
    ...(reason !== undefined && { Reason: reason }),
  };
}

function newToken(now: number) {
  const text = randomBytes(48).toString('base64url');
  return { text, digest: digestOf(text), until: now + TOKEN_MS };
}

/** At the address under which the caller reached the server. */
function opened({ endpoint }: RequestFacts, SessionId: string, TokenValue: string) {
  const path = `/v1/data-channel/${encodeURIComponent(SessionId)}?role=publish_subscribe`;
  return { SessionId, TokenValue, StreamUrl: endpoint.replace(/^http/, 'ws') + path };
}

function commandOf(
  documentName: string,
  parameters: Record<string, string[] | undefined> = {},
): string | undefined {
  const document = ownValue(DOCUMENTS, documentName);
  if (!document && /^(AWS|AWSSSO|AWSEC2|SSM)-/.test(documentName))
    throw unsupported(`sessions of the document ${documentName}`);
  if (!document) throw invalidDocument(documentName);
  const { command: commands, ...others } = parameters;
  const [unknown] = [...Object.keys(others), ...(commands && !document.command ? ['command'] : [])];
  if (unknown !== undefined)
    throw validation(`The document ${documentName} has no parameter ${unknown}.`);
  if (!document.command) return undefined;
  const [command, ...more] = commands ?? [];
  if (!command || more.length > 0)
    throw validation(`The document ${documentName} takes one value of the parameter command.`);
  return command;
}

function callerName(principal: Principal): string {
  if (principal.type === 'user') return principal.userName;
  return principal.type === 'assumed-role' ? principal.sessionName : principal.type;
}

const isOf = (session: Session, { accountId, region }: RequestFacts): boolean =>
  session.accountId === accountId && session.region === region;

/** Of a name, or of an ARN. */
const nameOf = (document: string): string => document.slice(document.lastIndexOf('/') + 1);

const sessionArn = ({ accountId, region, partition }: ServiceContext, id: string) =>
  formatArn({ partition, service: 'ssm', region, accountId, resource: `session/${id}` });

const instanceArn = ({ accountId, region, partition }: ServiceContext, id: string) =>
  formatArn({ partition, service: 'ec2', region, accountId, resource: `instance/${id}` });

/** AWS's own documents are of no account. */
function documentArn({ accountId, region, partition }: ServiceContext, document: string): string {
  const name = nameOf(document);
  const owner = name.startsWith('AWS-') ? '' : accountId;
  const resource = `document/${name}`;
  return formatArn({ partition, service: 'ssm', region, accountId: owner, resource });
}
