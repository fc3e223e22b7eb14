import type { Operation } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';

/** One STS operation, by the SDK's input and output. */
export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;
