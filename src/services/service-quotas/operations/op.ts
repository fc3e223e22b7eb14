import type { Operation } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';

export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;
