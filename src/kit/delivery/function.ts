import { type Arn, formatArn } from '../../aws/arn.ts';
import type { ActAs, Platform } from '../platform.ts';

/** A Lambda function, or an alias or a version of one. */
const FUNCTION = /^function:[A-Za-z0-9_-]{1,140}(:(\$LATEST|[A-Za-z0-9_-]{1,129}))?$/;

export const isFunction = ({ service, resource }: Pick<Arn, 'service' | 'resource'>): boolean =>
  service === 'lambda' && FUNCTION.test(resource);

/**
 * Hands a function its event and waits for no result, as all services do that tell functions of something. Whether the
 * function lets them is its own policy's to say.
 * @param asks only whether it would be taken
 * @throws what Lambda says
 */
export async function invokeFunction(
  { client }: Pick<Platform, 'client'>,
  { arn, actAs, payload }: { arn: Arn; actAs: ActAs; payload: string },
  { asks = false }: { asks?: boolean } = {},
): Promise<void> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const invoke = new InvokeCommand({
    FunctionName: formatArn(arn),
    InvocationType: asks ? 'DryRun' : 'Event',
    ...(!asks && { Payload: Buffer.from(payload) }),
  });
  await client(LambdaClient, actAs).send(invoke);
}
