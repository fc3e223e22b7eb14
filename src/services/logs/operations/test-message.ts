import { isAwsError } from '../../../aws/errors.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { pack } from '../delivery/pack.ts';
import { mostBytes, type Route, send } from '../delivery/send.ts';
import { invalidParameter } from '../errors.ts';
import { controlMessage } from '../model/subscription.ts';

const WORDS: Record<Route['kind'], string> = {
  lambda:
    'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
  kinesis:
    'Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE state.',
  firehose:
    'Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.',
};

/** Sends what finds out whether a destination takes events. @returns false where it does not let us in */
export async function testRoute(ctx: ServiceContext, route: Route): Promise<boolean> {
  try {
    const message = controlMessage(route.kind, ctx.clock.now());
    for await (const packed of pack(message, mostBytes(route))) await send(ctx, route, packed);
    return true;
  } catch (error) {
    // Nobody here answers for it: that is said as it is.
    if (isAwsError(error, 'NotImplemented')) throw error;
    const { code } = failureOf(error);
    if (code === 'NO_PERMISSIONS') return false;
    throw unreachable(route.kind);
  }
}

/** @param kind of the destination that could not be reached */
export const unreachable = (kind: Route['kind']): Error => invalidParameter(WORDS[kind]);
