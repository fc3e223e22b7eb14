import { invokeFunction, isFunction } from '../../../../kit/delivery/function.ts';
import type { TargetKind } from './target.ts';

/** A function gets what others get as text. */
export const lambda: TargetKind = {
  name: 'Lambda functions',
  isOf: isFunction,
  send: (ctx, { arn, input, actAs }) => invokeFunction(ctx, { arn, actAs, payload: input }),
};
