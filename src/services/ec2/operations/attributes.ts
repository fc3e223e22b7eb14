import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { combination, incorrectState, invalidValue, missing } from '../errors.ts';
import { architectureOf } from '../model/images.ts';
import type { Instance, InstanceBody } from '../model/instance.ts';
import { instanceTypes } from '../model/instance-types.ts';
import { atInstance } from '../resources/instance.ts';
import { updateInstance } from '../store/instances.ts';
import { ec2 } from './declare.ts';
import { refuse } from './inputs.ts';
import { ROOT_DEVICE } from './instance-shape.ts';
import { groupNames } from './instances.ts';
import { checkUserData, groupsOf, metadataOptions } from './launch-input.ts';
import { needAll } from './power.ts';

type Attributes = Omit<sdk.DescribeInstanceAttributeCommandOutput, '$metadata'>;

export const describeInstanceAttribute = ec2(
  'describeInstanceAttribute',
  atInstance,
  async (ctx, { Attribute }, located) => {
    const [instance] = await needAll(ctx.db, ctx, [located]);
    if (!instance) return {};
    const { body } = instance;
    const names = await groupNames(ctx.db, ctx);
    const groups = body.groups.map((GroupId) => ({ GroupId, GroupName: names.get(GroupId) ?? '' }));
    const read: Record<string, () => Attributes> = {
      userData: () => ({ UserData: { ...(body.userData && { Value: body.userData }) } }),
      disableApiTermination: () => ({
        DisableApiTermination: { Value: body.keepsRunning.termination },
      }),
      disableApiStop: () => ({ DisableApiStop: { Value: body.keepsRunning.stop } }),
      instanceType: () => ({ InstanceType: { Value: body.type } }),
      instanceInitiatedShutdownBehavior: () => ({
        InstanceInitiatedShutdownBehavior: { Value: body.onShutdown },
      }),
      groupSet: () => ({ Groups: groups }),
      sourceDestCheck: () => ({ SourceDestCheck: { Value: body.sourceDestCheck } }),
      ebsOptimized: () => ({ EbsOptimized: { Value: body.ebsOptimized } }),
      rootDeviceName: () => ({ RootDeviceName: { Value: ROOT_DEVICE } }),
      enaSupport: () => ({ EnaSupport: { Value: true } }),
      productCodes: () => ({ ProductCodes: [] }),
      kernel: () => ({ KernelId: {} }),
      ramdisk: () => ({ RamdiskId: {} }),
      sriovNetSupport: () => ({ SriovNetSupport: {} }),
      enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
      blockDeviceMapping: () => ({ BlockDeviceMappings: [] }),
    };
    const found = Attribute === undefined ? undefined : ownValue<() => object>(read, Attribute);
    if (!found) throw invalidValue(`Value (${Attribute}) for parameter attribute is invalid.`);
    return { InstanceId: instance.id, ...found() };
  },
);

const REFUSED = [...['BlockDeviceMappings', 'Kernel', 'Ramdisk', 'SriovNetSupport', 'EnaSupport']];

/** In the older form the attribute is named, and its value is text. */
function named(
  input: sdk.ModifyInstanceAttributeCommandInput,
): sdk.ModifyInstanceAttributeCommandInput {
  const { Attribute, Value } = input;
  if (Attribute === undefined) return input;
  if (Value === undefined) throw missing('Value');
  const isTrue = { Value: Value === 'true' };
  const forms: Record<string, Partial<sdk.ModifyInstanceAttributeCommandInput>> = {
    userData: { UserData: { Value: new TextEncoder().encode(Value) } },
    disableApiTermination: { DisableApiTermination: isTrue },
    disableApiStop: { DisableApiStop: isTrue },
    instanceType: { InstanceType: { Value } },
    instanceInitiatedShutdownBehavior: { InstanceInitiatedShutdownBehavior: { Value } },
    sourceDestCheck: { SourceDestCheck: isTrue },
    ebsOptimized: { EbsOptimized: isTrue },
  };
  const form = ownValue(forms, Attribute);
  if (!form) throw unsupported(`changing the attribute ${Attribute}`);
  return { ...input, ...form };
}

/** Members of which a call changes one. */
const CHANGED = [
  ...(['UserData', 'DisableApiTermination', 'DisableApiStop', 'InstanceType'] as const),
  ...(['InstanceInitiatedShutdownBehavior', 'SourceDestCheck', 'EbsOptimized', 'Groups'] as const),
];

export const modifyInstanceAttribute = ec2(
  'modifyInstanceAttribute',
  atInstance,
  async (ctx, given, located) => {
    refuse(given, 'ModifyInstanceAttribute', REFUSED);
    const input = named(given);
    const said = CHANGED.filter((member) => input[member] !== undefined);
    if (said.length === 0) throw missing('Attribute');
    if (said.length > 1) throw combination('Fields for multiple attribute types specified');
    const groups = input.Groups && (await groupsOf(ctx, input.Groups));
    await ctx.transaction(async (tx) => {
      for (const instance of await needAll(tx, ctx, [located])) {
        const change = changeOf(instance, input, groups);
        await updateInstance(tx, instance, { body: { ...instance.body, ...change } });
      }
    });
    return {};
  },
);

function changeOf(
  instance: Instance,
  input: sdk.ModifyInstanceAttributeCommandInput,
  groups: string[] | undefined,
): Partial<InstanceBody> {
  const { body, id, state } = instance;
  if (state === 'terminated' || state === 'shutting-down') throw incorrectState(id, state);
  const { UserData, InstanceInitiatedShutdownBehavior: shutdown, InstanceType: type } = input;
  if (UserData) {
    if (state !== 'stopped') throw incorrectState(id, state);
    const userData = Buffer.from(UserData.Value ?? new Uint8Array()).toString('base64');
    checkUserData(userData);
    return { userData };
  }
  if (type) return { type: newType(instance, type.Value) };
  if (shutdown) {
    const { Value } = shutdown;
    if (Value !== 'stop' && Value !== 'terminate')
      throw invalidValue(
        `Value (${Value}) for parameter instanceInitiatedShutdownBehavior is invalid.`,
      );
    return { onShutdown: Value };
  }
  const { DisableApiTermination, DisableApiStop, SourceDestCheck, EbsOptimized } = input;
  const { keepsRunning } = body;
  if (DisableApiTermination)
    return { keepsRunning: { ...keepsRunning, termination: DisableApiTermination.Value ?? false } };
  if (DisableApiStop)
    return { keepsRunning: { ...keepsRunning, stop: DisableApiStop.Value ?? false } };
  if (SourceDestCheck) return { sourceDestCheck: SourceDestCheck.Value ?? true };
  if (EbsOptimized) return { ebsOptimized: EbsOptimized.Value ?? false };
  return { ...(groups && { groups }) };
}

/** A container has its limits from its beginning on. */
function newType({ id, state, body }: Instance, type: string | undefined): string {
  if (state !== 'stopped') throw incorrectState(id, state);
  const known = instanceTypes(architectureOf(process.arch)).some(({ name }) => name === type);
  if (!type || !known) throw invalidValue(`Invalid value '${type}' for InstanceType.`);
  if (type !== body.type) throw unsupported('another instance type for an instance that is there');
  return type;
}

export const modifyInstanceMetadataOptions = ec2(
  'modifyInstanceMetadataOptions',
  atInstance,
  async (ctx, input, located) => {
    const metadata = await ctx.transaction(async (tx) => {
      const [instance] = await needAll(tx, ctx, [located]);
      if (!instance) return undefined;
      const changed = metadataOptions(instance.body.metadata, input);
      await updateInstance(tx, instance, { body: { ...instance.body, metadata: changed } });
      return changed;
    });
    return {
      InstanceId: located.name,
      ...(metadata && {
        InstanceMetadataOptions: {
          State: 'pending' as const,
          HttpTokens: metadata.tokens,
          HttpPutResponseHopLimit: metadata.hopLimit,
          HttpEndpoint: metadata.endpoint,
          HttpProtocolIpv6: 'disabled' as const,
          InstanceMetadataTags: metadata.tags,
        },
      }),
    };
  },
);
