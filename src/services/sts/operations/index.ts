import type * as client from '@aws-sdk/client-sts';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import { getFederationToken } from './federation.ts';
import { assumeRole, getCallerIdentity, getSessionToken } from './sessions.ts';

export const operations = {
  assumeRole,
  getCallerIdentity,
  getFederationToken,
  getSessionToken,
  assumeRoleWithSAML: notImplemented,
  assumeRoleWithWebIdentity: notImplemented,
  assumeRoot: notImplemented,
  decodeAuthorizationMessage: notImplemented,
  getAccessKeyInfo: notImplemented,
  getDelegatedAccessToken: notImplemented,
  getWebIdentityToken: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
