import { createHash, randomUUID } from 'node:crypto';
import type { Distribution } from '@aws-sdk/client-cloudwatch-logs';
import { type Arn, formatArn, parseArn } from '../../../aws/arn.ts';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import type { Principal } from '../../../aws/principal.ts';
import { DeliveryFailed } from '../../../kit/delivery/failure.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import { putDeliveryRecord, putRecord } from '../../../kit/delivery/streams.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { MAX_FUNCTION_BYTES, MAX_RECORD_BYTES } from '../limits.ts';
import type { DestinationKind } from '../model/subscription.ts';
import { groupArn } from '../resources/arns.ts';
import { destinationOf, findDestination } from '../store/destinations.ts';
import type { SubscriptionBody } from '../store/subscriptions.ts';
import type { Owner } from '../store/tables.ts';
import type { Packed } from './pack.ts';

/** Where events go in the end, and for whom. */
export interface Route {
  kind: Exclude<DestinationKind, 'destination'>;
  arn: Arn;
  actAs: ActAs;
}

type Terms = Pick<SubscriptionBody, 'destinationArn' | 'roleArn' | 'principal' | 'by'>;

/** Where a subscription of a group sends. @throws DeliveryFailed where its destination is gone, or lets it in no more */
export async function routeOf(
  { db, authorizer }: Pick<Platform, 'db' | 'authorizer'>,
  group: Owner & { name: string },
  { destinationArn, roleArn, principal, by }: Terms,
): Promise<Route> {
  const arn = parseArn(destinationArn);
  if (!arn) throw gone(destinationArn);
  if (arn.service !== 'logs') {
    const sourceArn = `${groupArn(group, group.name)}:*`;
    return routeTo(arn, { service: principal, sourceArn, roleArn });
  }
  const found = await findDestination(db, arn, arn.resource.slice('destination:'.length));
  if (!found) throw gone(destinationArn);
  const { targetArn, roleArn: its, principal: service, accessPolicy } = destinationOf(found);
  const asked = { owner: arn.accountId, resource: destinationArn, accessPolicy };
  if (!(await letsIn(authorizer, asked, [rootPrincipal(group.accountId), ...(by ? [by] : [])])))
    throw shut(destinationArn);
  const target = parseArn(targetArn);
  if (!target) throw gone(targetArn);
  return routeTo(target, { service, sourceArn: destinationArn, roleArn: its });
}

const gone = (arn: string) =>
  new DeliveryFailed({ code: 'NO_RESOURCE', message: `${arn} does not exist.`, again: false });

const shut = (arn: string) =>
  new DeliveryFailed({
    code: 'NO_PERMISSIONS',
    message: `${arn} does not let the account of the log group in.`,
    again: false,
  });

/** Does a destination's policy let one of them in, as it is now? */
async function letsIn(
  authorizer: Platform['authorizer'],
  {
    owner,
    resource,
    accessPolicy,
  }: { owner: string; resource: string; accessPolicy?: string | undefined },
  principals: readonly Principal[],
): Promise<boolean> {
  const question = {
    ...{ action: 'logs:PutSubscriptionFilter', resources: [resource], conditions: {}, owner },
    ...(accessPolicy !== undefined && {
      resourcePolicy: { document: accessPolicy, kind: 'resource' as const, required: false },
    }),
  };
  for (const principal of principals)
    if ((await authorizer.decide({ ...question, principal })).allowed) return true;
  return false;
}

/** A function is invoked by CloudWatch Logs itself, streams get records under a role. */
export function routeTo(
  arn: Arn,
  { roleArn, ...itself }: { service: string; sourceArn: string; roleArn?: string | undefined },
): Route {
  const { service, region } = arn;
  const role = roleArn !== undefined && { roleArn, sessionName: 'cloudwatch-logs' };
  return { kind: service as Route['kind'], arn, actAs: { ...itself, ...role, region } };
}

/** Bytes that go there at once. */
export const mostBytes = ({ kind }: Route): number =>
  kind === 'lambda' ? MAX_FUNCTION_BYTES : MAX_RECORD_BYTES;

/** @throws what the API of the destination says */
export async function send(
  ctx: Platform,
  { kind, arn, actAs }: Route,
  { message, data }: Packed,
  distribution: Distribution = 'ByLogStream',
): Promise<void> {
  if (kind === 'firehose') return putDeliveryRecord(ctx, { arn, actAs, data });
  if (kind === 'kinesis') {
    const partitionKey = distribution === 'Random' ? randomUUID() : keyOf(message.logStream);
    return putRecord(ctx, { arn, actAs, data, partitionKey });
  }
  const payload = JSON.stringify({ awslogs: { data: data.toString('base64') } });
  return invokeFunction(ctx, { arn, actAs, payload });
}

/** Streams of logs keep to a shard: names may be longer than keys. */
const keyOf = (logStream: string): string =>
  createHash('sha256').update(logStream).digest('hex').slice(0, 32);

export const textOf = ({ arn }: Route): string => formatArn(arn);
