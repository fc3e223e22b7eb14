import type * as sdk from '@aws-sdk/client-ec2';
import type { ServiceContext } from '../../../kit/service.ts';
import { associated, incorrectState, missing, noSuchAssociation } from '../errors.ts';
import { instanceArn } from '../model/events.ts';
import { type Instance, isLive, type ProfileAssociation } from '../model/instance.ts';
import { atInstance } from '../resources/instance.ts';
import { listInstances, updateInstance } from '../store/instances.ts';
import { ec2 } from './declare.ts';
import { described } from './lists.ts';
import { needAll } from './power.ts';
import { givenProfile } from './profile-input.ts';

function shape(
  instance: Pick<Instance, 'id'>,
  profile: ProfileAssociation,
  State: sdk.IamInstanceProfileAssociationState,
): sdk.IamInstanceProfileAssociation {
  return {
    ...{ AssociationId: profile.associationId, InstanceId: instance.id, State },
    IamInstanceProfile: { Arn: profile.arn, Id: profile.id },
    Timestamp: new Date(profile.since),
  };
}

export const associateIamInstanceProfile = ec2(
  'associateIamInstanceProfile',
  atInstance,
  async (ctx, input, located) => {
    const { name: id } = located;
    if (!input.IamInstanceProfile) throw missing('IamInstanceProfile');
    const profile = await givenProfile(ctx, input.IamInstanceProfile, id);
    await ctx.transaction(async (tx) => {
      for (const instance of await needAll(tx, ctx, [located])) {
        if (!isLive(instance)) throw incorrectState(id, instance.state);
        if (instance.body.profile) throw associated(id);
        await updateInstance(tx, instance, { body: { ...instance.body, profile } });
      }
    });
    return { IamInstanceProfileAssociation: shape({ id }, profile, 'associating') };
  },
);

/** The instance that an association is of is what IAM is asked about: it is asked once that is known. */
const bound = {
  resource: async (
    ctx: ServiceContext,
    { AssociationId = '' }: { AssociationId?: string | undefined },
  ) => instanceArn(ctx, (await ofAssociation(ctx, AssociationId))?.id ?? '*'),
};

async function ofAssociation(
  ctx: ServiceContext,
  associationId: string,
): Promise<Instance | undefined> {
  const all = await listInstances(ctx.db, ctx);
  return all.find((each) => isLive(each) && each.body.profile?.associationId === associationId);
}

export const disassociateIamInstanceProfile = ec2(
  'disassociateIamInstanceProfile',
  bound,
  async (ctx, { AssociationId = '' }) => {
    const { instance, profile } = await change(ctx, AssociationId, undefined);
    return { IamInstanceProfileAssociation: shape(instance, profile, 'disassociating') };
  },
);

export const replaceIamInstanceProfileAssociation = ec2(
  'replaceIamInstanceProfileAssociation',
  bound,
  async (ctx, { AssociationId = '', IamInstanceProfile: named }) => {
    if (!named) throw missing('IamInstanceProfile');
    const found = await ofAssociation(ctx, AssociationId);
    if (!found) throw noSuchAssociation(AssociationId);
    const profile = await givenProfile(ctx, named, found.id);
    const { instance } = await change(ctx, AssociationId, profile);
    return { IamInstanceProfileAssociation: shape(instance, profile, 'associating') };
  },
);

async function change(
  ctx: ServiceContext,
  associationId: string,
  profile: ProfileAssociation | undefined,
) {
  return ctx.transaction(async (tx) => {
    const all = await listInstances(tx, ctx);
    const instance = all.find(
      (each) => isLive(each) && each.body.profile?.associationId === associationId,
    );
    if (!instance?.body.profile) throw noSuchAssociation(associationId);
    const { profile: before, ...body } = instance.body;
    await updateInstance(tx, instance, { body: { ...body, ...(profile && { profile }) } });
    return { instance, profile: before };
  });
}

const listed = {
  prefix: 'iip-assoc',
  idOf: ({ body }: Instance) => body.profile?.associationId ?? '',
  tagsOf: () => new Map(),
  factsOf: ({ id }: Instance) => ({ 'instance-id': id, state: 'associated' }),
};

export const describeIamInstanceProfileAssociations = ec2(
  'describeIamInstanceProfileAssociations',
  {},
  async (ctx, { AssociationIds: ids = [], ...asked }) => {
    const all = (await listInstances(ctx.db, ctx)).filter(
      (each) => isLive(each) && each.body.profile,
    );
    for (const id of ids)
      if (!all.some((each) => listed.idOf(each) === id)) throw noSuchAssociation(id);
    const named = ids.length > 0 ? all.filter((each) => ids.includes(listed.idOf(each))) : all;
    const { items, ...more } = described(ctx, listed, named, asked);
    return {
      IamInstanceProfileAssociations: items.flatMap((each) =>
        each.body.profile ? shape(each, each.body.profile, 'associated') : [],
      ),
      ...more,
    };
  },
);
