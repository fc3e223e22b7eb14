import type { Provides } from '../../kit/provides.ts';
import { usersOfCertificate } from './store/certificate-users.ts';

/** Which load balancers use a certificate. */
export const provides: Partial<Provides> = { certificateUsers: usersOfCertificate };
