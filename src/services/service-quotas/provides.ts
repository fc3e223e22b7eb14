import type { Provides } from '../../kit/provides.ts';
import { raisedQuota } from './store/quotas.ts';

/** What accounts were raised to. */
export const provides: Partial<Provides> = { raisedQuota };
