import type { Principal } from '../../aws/principal.ts';
import type { Platform } from '../../kit/platform.ts';

/** A relaxed server takes any secret: what was begun on one says nothing to a strict one. */
export type Auth = Platform['config']['auth'];

/** By what somebody has signed in, and so what ends his session when it goes. */
export type Proof =
  /** `password`: which of the user's it was. */
  | { by: 'password'; userId: string; password: string }
  | { by: 'access-key'; accessKeyId: string }
  /** Temporary credentials: they are nowhere but with who has them, so that whose they are is kept. */
  | { by: 'session-token'; principal: Principal }
  /** A relaxed server's account number. */
  | { by: 'account' };

/** A role that the session has switched to. */
export interface SwitchedRole {
  roleArn: string;
  sessionName: string;
  principal: Principal & { type: 'assumed-role' };
  accessKeyId: string;
  /** Then it is asked for once more. */
  expires: Date;
  /** Of the server by which it was taken. */
  auth: Auth;
}

export interface SessionData {
  /** `ASIA…`: the key by which calls of the session are told in records. There is no secret to it. */
  accessKeyId: string;
  startedAt: Date;
  /** Of the server on which it began. */
  auth: Auth;
  proof: Proof;
  role?: SwitchedRole;
}

/** Somebody is signed in. */
export interface Session {
  /** A hash of the cookie's secret. */
  id: string;
  accountId: string;
  /** Unique id of who has signed in. */
  principalId: string;
  expiresAt: Date;
  data: SessionData;
}

/** As whom calls of the session are made. */
export interface Acting {
  principal: Principal;
  accessKeyId: string;
}
