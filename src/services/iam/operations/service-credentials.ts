import type { ServiceSpecificCredential } from '@aws-sdk/client-iam';
import { ServiceNotSupportedException } from '@aws-sdk/client-iam';
import { exception, unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { invalidInput, noSuchCredential, quota } from '../errors.ts';
import { SERVICE_CREDENTIALS_PER_USER } from '../limits.ts';
import { newId } from '../model/names.ts';
import { hashPassword, newPassword } from '../model/password.ts';
import { onUser } from '../resources/identity.ts';
import {
  deleteServiceCredentialRow,
  findServiceCredential,
  insertServiceCredential,
  listServiceCredentials,
  type ServiceCredential,
  updateServiceCredential,
} from '../store/credentials.ts';
import type { Identity } from '../store/identities.ts';
import { iam } from './declare.ts';
import { change, current, nowOf, slice } from './shared.ts';

/** Services whose own sign-in IAM knows; passwords of others would open nothing. */
const SERVICES = ['codecommit.amazonaws.com'];

function metadata(credential: ServiceCredential, user: Identity) {
  return {
    UserName: user.name,
    Status: credential.status,
    ServiceUserName: credential.serviceUserName,
    CreateDate: credential.createdAt,
    ServiceSpecificCredentialId: credential.id,
    ServiceName: credential.serviceName,
  };
}

function withPassword(
  credential: ServiceCredential,
  user: Identity,
  password: string,
): ServiceSpecificCredential {
  return { ...metadata(credential, user), ServicePassword: password };
}

/** `alice-at-123456789012`; a second one of the same service gets a suffix. */
async function freeUserName(tx: Tx, service: string, user: Identity): Promise<string> {
  const base = `${user.name}-at-${user.accountId}`;
  for (let n = 0; ; n++) {
    const name = n === 0 ? base : `${user.name}+${n}-at-${user.accountId}`;
    if (!(await findServiceCredential(tx, service, name))) return name;
  }
}

export const createServiceSpecificCredential = iam(
  'createServiceSpecificCredential',
  onUser,
  async (ctx, input, named) => {
    const serviceName = input.ServiceName ?? '';
    if (!SERVICES.includes(serviceName))
      throw exception(
        ServiceNotSupportedException,
        `No such service ${serviceName} is supported for Service Specific Credentials`,
      );
    if (input.CredentialAgeDays !== undefined) throw unsupported('the parameter CredentialAgeDays');
    const password = newPassword();
    const ServiceSpecificCredential = await change(ctx, async (tx) => {
      const user = await current(tx, named);
      const existing = await listServiceCredentials(tx, user.id);
      if (existing.length >= SERVICE_CREDENTIALS_PER_USER)
        throw quota('ServiceSpecificCredentialsPerUser', SERVICE_CREDENTIALS_PER_USER);
      const credential: ServiceCredential = {
        id: newId('credential'),
        userId: user.id,
        serviceName,
        serviceUserName: await freeUserName(tx, serviceName, user),
        passwordHash: hashPassword(password),
        status: 'Active',
        createdAt: nowOf(ctx),
      };
      await insertServiceCredential(tx, credential);
      return withPassword(credential, user, password);
    });
    return { ServiceSpecificCredential };
  },
);

export const listServiceSpecificCredentials = iam(
  'listServiceSpecificCredentials',
  onUser,
  async (ctx, input, user) => {
    if (input.AllUsers) throw unsupported('the parameter AllUsers');
    const all = await listServiceCredentials(ctx.db, user.id);
    const wanted = all.filter((c) => !input.ServiceName || c.serviceName === input.ServiceName);
    const keyOf = (c: ServiceCredential) => `${c.createdAt.getTime()} ${c.id}`;
    const { items, more } = slice(ctx, input, wanted, keyOf);
    return {
      ServiceSpecificCredentials: items.map((credential) => metadata(credential, user)),
      ...more,
    };
  },
);

/** The user's credential with this id. @throws NoSuchEntityException */
async function own(
  tx: Tx,
  named: Identity,
  { ServiceSpecificCredentialId: id = '' }: { ServiceSpecificCredentialId?: string },
): Promise<{ user: Identity; credential: ServiceCredential }> {
  const user = await current(tx, named);
  const credential = (await listServiceCredentials(tx, user.id)).find((c) => c.id === id);
  if (!credential) throw noSuchCredential(id);
  return { user, credential };
}

export const resetServiceSpecificCredential = iam(
  'resetServiceSpecificCredential',
  onUser,
  async (ctx, input, named) => {
    const password = newPassword();
    const ServiceSpecificCredential = await change(ctx, async (tx) => {
      const { user, credential } = await own(tx, named, input);
      await updateServiceCredential(tx, { ...credential, passwordHash: hashPassword(password) });
      return withPassword(credential, user, password);
    });
    return { ServiceSpecificCredential };
  },
);

export const updateServiceSpecificCredential = iam(
  'updateServiceSpecificCredential',
  onUser,
  async (ctx, input, named) => {
    const { Status: status } = input;
    if (status !== 'Active' && status !== 'Inactive')
      throw invalidInput('Status must be Active or Inactive.');
    await change(ctx, async (tx) => {
      const { credential } = await own(tx, named, input);
      await updateServiceCredential(tx, { ...credential, status });
    });
    return {};
  },
);

export const deleteServiceSpecificCredential = iam(
  'deleteServiceSpecificCredential',
  onUser,
  async (ctx, input, named) => {
    await change(ctx, async (tx) => {
      const { credential } = await own(tx, named, input);
      await deleteServiceCredentialRow(tx, credential.id);
    });
    return {};
  },
);
