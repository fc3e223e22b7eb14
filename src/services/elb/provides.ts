import type { Provides } from '../../kit/provides.ts';
import { usersOfCertificate } from './store/balancers.ts';

/** Which load balancers use a certificate. */
export const provides: Partial<Provides> = { certificateUsers: usersOfCertificate };
