import { randomBytes } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { instanceNotRegistered } from '../errors.ts';
import { MAX_BATCH_NAMES, MAX_TAGGED_INSTANCES, MAX_TAGS_PER_INSTANCE } from '../limits.ts';
import { type InstanceTag, matchesAny } from '../model/tag-filters.ts';
import { atInstance, atInstances, instanceArn } from '../resources/instance.ts';
import {
  findInstance,
  findRegistered,
  type Instance,
  listInstances,
  putInstance,
  putTag,
  removeTag,
  tagsOf,
} from '../store/instances.ts';
import { codedeploy } from './declare.ts';
import { asked, checkBatch, requireInstanceNames } from './validate.ts';

export const registerOnPremisesInstance = codedeploy(
  'registerOnPremisesInstance',
  atInstance,
  async (ctx, input, { name }) => {
    const { iamArn, kind } = requireIamArn(input);
    const now = ctx.clock.now().getTime();
    await ctx.transaction(async (tx) => {
      const known = await findInstance(tx, ctx, name);
      if (known?.registered) {
        throw exception(
          sdk.InstanceNameAlreadyRegisteredException,
          `The on-premises instance name is already registered: ${name}`,
        );
      }
      if (await findRegistered(tx, ctx, iamArn)) {
        const message = `The specified IAM ARN is already registered with an on-premises instance: ${iamArn}`;
        throw kind === 'user'
          ? exception(sdk.IamUserArnAlreadyRegisteredException, message)
          : exception(sdk.IamSessionArnAlreadyRegisteredException, message);
      }
      const suffix = known?.suffix ?? randomBytes(5).toString('hex');
      await putInstance(tx, ctx, {
        name,
        iamArn,
        kind,
        suffix,
        registered: true,
        registeredAt: now,
      });
    });
    return {};
  },
);

function requireIamArn(
  input: sdk.RegisterOnPremisesInstanceCommandInput,
): Pick<Instance, 'iamArn' | 'kind'> {
  const { iamUserArn, iamSessionArn } = input;
  if (iamUserArn && iamSessionArn) {
    throw exception(
      sdk.MultipleIamArnsProvidedException,
      'Both an IAM user ARN and an IAM session ARN were included in the request. Use only one ARN type.',
    );
  }
  if (iamUserArn) {
    const arn = parseArn(iamUserArn);
    if (arn?.service === 'iam' && arn.resource.startsWith('user/'))
      return { iamArn: iamUserArn, kind: 'user' };
    throw exception(
      sdk.InvalidIamUserArnException,
      `The IAM user ARN was specified in an invalid format: ${iamUserArn}`,
    );
  }
  if (iamSessionArn) {
    const arn = parseArn(iamSessionArn);
    const isSession = arn?.service === 'sts' && /^assumed-role\/[^/]+\/[^/]+$/.test(arn.resource);
    if (isSession) return { iamArn: iamSessionArn, kind: 'session' };
    throw exception(
      sdk.InvalidIamSessionArnException,
      `The IAM session ARN was specified in an invalid format: ${iamSessionArn}`,
    );
  }
  throw exception(
    sdk.IamArnRequiredException,
    'No IAM ARN was included in the request. You must use an IAM session ARN or IAM user ARN in the request.',
  );
}

export const deregisterOnPremisesInstance = codedeploy(
  'deregisterOnPremisesInstance',
  atInstance,
  async (ctx, _input, { name }) => {
    const now = ctx.clock.now().getTime();
    await ctx.transaction(async (tx) => {
      const instance = await findInstance(tx, ctx, name);
      if (instance?.registered)
        await putInstance(tx, ctx, { ...instance, registered: false, deregisteredAt: now });
    });
    return {};
  },
);

export const getOnPremisesInstance = codedeploy(
  'getOnPremisesInstance',
  atInstance,
  async (ctx, _input, { name }) => {
    const [instanceInfo] = await describe(ctx, [name]);
    if (!instanceInfo) throw instanceNotRegistered(name);
    return { instanceInfo };
  },
);

export const batchGetOnPremisesInstances = codedeploy(
  'batchGetOnPremisesInstances',
  atInstances,
  async (ctx, input) => {
    const names = requireInstanceNames(input.instanceNames);
    checkBatch(names, MAX_BATCH_NAMES);
    return { instanceInfos: await describe(ctx, names) };
  },
);

/** Instances of these names that exist, registered or not. */
async function describe(ctx: ServiceContext, names: string[]): Promise<sdk.InstanceInfo[]> {
  const found = await Promise.all(names.map((name) => findInstance(ctx.db, ctx, name)));
  const tags = await tagsOf(ctx.db, ctx, names);
  return found
    .filter((instance) => instance !== undefined)
    .map((instance) => ({
      instanceName: instance.name,
      ...(instance.kind === 'user'
        ? { iamUserArn: instance.iamArn }
        : { iamSessionArn: instance.iamArn }),
      instanceArn: instanceArn(ctx, `${instance.name}_${instance.suffix}`),
      registerTime: new Date(instance.registeredAt),
      ...(instance.deregisteredAt && { deregisterTime: new Date(instance.deregisteredAt) }),
      tags: (tags.get(instance.name) ?? []).map(({ key, value }) => ({ Key: key, Value: value })),
    }));
}

export const listOnPremisesInstances = codedeploy(
  'listOnPremisesInstances',
  {},
  async (ctx, input) => {
    const { registrationStatus, tagFilters } = input;
    if (registrationStatus && !['Registered', 'Deregistered'].includes(registrationStatus)) {
      throw exception(
        sdk.InvalidRegistrationStatusException,
        `Invalid registration status: ${registrationStatus}`,
      );
    }
    checkTagFilters(tagFilters);
    const registered = registrationStatus && registrationStatus === 'Registered';
    const [all, tags] = [
      await listInstances(ctx.db, ctx, { registered }),
      await tagsOf(ctx.db, ctx),
    ];
    const names = all
      .map((instance) => instance.name)
      .filter((name) => !tagFilters?.length || matchesAny(tags.get(name) ?? [], tagFilters));
    const { items, nextToken } = pageOfList(ctx, asked(input), names, (name) => name);
    return { instanceNames: items, nextToken };
  },
);

function checkTagFilters(filters: sdk.TagFilter[] | undefined): void {
  const types = ['KEY_ONLY', 'VALUE_ONLY', 'KEY_AND_VALUE'];
  if ((filters ?? []).some(({ Type }) => Type !== undefined && !types.includes(Type))) {
    throw exception(
      sdk.InvalidTagFilterException,
      'The tag filter was specified in an invalid format.',
    );
  }
}

export const addTagsToOnPremisesInstances = codedeploy(
  'addTagsToOnPremisesInstances',
  atInstances,
  async (ctx, input) => {
    const { names, tags } = requireTagging(input);
    await ctx.transaction(async (tx) => {
      for (const name of names) {
        if (!(await findInstance(tx, ctx, name))?.registered) throw instanceNotRegistered(name);
        for (const tag of tags) await putTag(tx, ctx, name, tag);
        const count = (await tagsOf(tx, ctx, [name])).get(name)?.length ?? 0;
        if (count > MAX_TAGS_PER_INSTANCE) {
          throw exception(
            sdk.TagLimitExceededException,
            `The maximum allowed number of tags was exceeded: ${MAX_TAGS_PER_INSTANCE} for an instance.`,
          );
        }
      }
    });
    return {};
  },
);

export const removeTagsFromOnPremisesInstances = codedeploy(
  'removeTagsFromOnPremisesInstances',
  atInstances,
  async (ctx, input) => {
    const { names, tags } = requireTagging(input);
    await ctx.transaction(async (tx) => {
      for (const name of names) {
        if (!(await findInstance(tx, ctx, name))) throw instanceNotRegistered(name);
        for (const tag of tags) await removeTag(tx, ctx, name, tag);
      }
    });
    return {};
  },
);

function requireTagging(input: {
  tags: sdk.Tag[] | undefined;
  instanceNames: string[] | undefined;
}): { names: string[]; tags: InstanceTag[] } {
  if (!input.tags?.length) throw exception(sdk.TagRequiredException, 'A tag was not specified.');
  const names = requireInstanceNames(input.instanceNames);
  if (names.length > MAX_TAGGED_INSTANCES) {
    throw exception(
      sdk.InstanceLimitExceededException,
      `The maximum number of allowed on-premises instances in a single call was exceeded: ${MAX_TAGGED_INSTANCES}`,
    );
  }
  const tags = input.tags.map(({ Key, Value }) => {
    if (!Key || !Value || Key.length > 128 || Value.length > 256) {
      throw exception(
        sdk.InvalidTagException,
        'The tag was specified in an invalid format: key and value are both required.',
      );
    }
    return { key: Key, value: Value };
  });
  return { names, tags };
}
