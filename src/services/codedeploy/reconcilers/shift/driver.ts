import type { ErrorCode } from '@aws-sdk/client-codedeploy';
import { failureOf } from '../../../../kit/delivery/failure.ts';
import type { ClientClass, Platform } from '../../../../kit/service.ts';
import * as messages from '../../model/messages.ts';
import type { Call, ShiftState, Trouble } from '../../model/strategies/shift-state.ts';
import type { Group } from '../../store/applications.ts';
import type { PlacedDeployment } from '../../store/deployments.ts';

/** A deployment of which something is to be done outside. */
export interface Outside {
  platform: Platform;
  deployment: PlacedDeployment;
  group: Group | undefined;
  shift: ShiftState;
  /** A client of a service, in a session of the group's service role. */
  client<T extends { destroy(): void }>(Client: ClientClass<T>): T;
}

/** What a call came to. */
export type Answer =
  /** It is done, and has brought these facts. */
  | { done: Partial<ShiftState> }
  | { trouble: Trouble }
  /** Not yet: look again at this time. */
  | { again: number; seen: Partial<ShiftState> };

/** What one compute platform does of a deployment outside. Each call may be made twice, and comes to the same. */
export interface ShiftDriver {
  perform(outside: Outside, call: Exclude<Call, { type: 'invoke' }>): Promise<Answer>;
}

/** Whatever a deployment cannot mend, by its code. */
export class Refused extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Does a call of a service; what it refuses is the deployment's trouble.
 * @param of the service as AWS calls it, and the code of what it says no to
 * @throws Refused; else what another try may mend
 */
export async function asked<T>(
  { deployment }: Outside,
  of: { service: string; code: ErrorCode },
  call: Promise<T>,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { code, message, again } = failureOf(error);
    // Who is away for a moment is asked again, with the engine's patience.
    if (again) throw error;
    if (code === 'NO_PERMISSIONS')
      throw new Refused(
        'IAM_ROLE_PERMISSIONS',
        messages.noPermission(deployment.serviceRoleArn, of.service, message),
      );
    throw new Refused(of.code, message);
  }
}
