import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { Tags } from '../../../kit/tags.ts';
import { imageNameTaken, invalidValue, malformed, missing, notFound } from '../errors.ts';
import { newId, prefixOf } from '../model/ids.ts';
import { architectureOf, type Image, isImageName, isLocation } from '../model/images.ts';
import { deleteImage, insertImage, listImages } from '../store/images.ts';
import { deleteTags, saveTags, tagsById } from '../store/tags.ts';
import { ec2, ec2Asking, endTrial } from './declare.ts';
import { visibleImages } from './image-lists.ts';
import { askForTags, refuse, specifiedConditions, specifiedTags } from './inputs.ts';
import { ROOT_DEVICE } from './instance-shape.ts';
import { described, tagList } from './lists.ts';

type Tagged = Image & { tags: Tags };

function imageShape(image: Tagged): sdk.Image {
  return {
    ImageId: image.id,
    Name: image.name,
    ...(image.description !== undefined && { Description: image.description }),
    ImageLocation: image.location,
    OwnerId: image.owner,
    ...(image.alias && { ImageOwnerAlias: image.alias }),
    CreationDate: image.createdAt,
    Public: image.public,
    State: 'available',
    Architecture: architectureOf(process.arch),
    ...{ ImageType: 'machine', RootDeviceType: 'ebs', RootDeviceName: ROOT_DEVICE },
    ...{ VirtualizationType: 'hvm', Hypervisor: 'xen', EnaSupport: true },
    ...{ PlatformDetails: 'Linux/UNIX', UsageOperation: 'RunInstances', ImdsSupport: 'v2.0' },
    BlockDeviceMappings: [],
    Tags: tagList(image.tags),
  };
}

const listed = {
  prefix: 'ami',
  idOf: ({ id }: Tagged) => id,
  tagsOf: ({ tags }: Tagged) => tags,
  factsOf: (image: Tagged) => ({
    architecture: architectureOf(process.arch),
    'creation-date': image.createdAt,
    description: image.description,
    'ena-support': 'true',
    hypervisor: 'xen',
    'image-id': image.id,
    'image-type': 'machine',
    'is-public': String(image.public),
    'manifest-location': image.location,
    name: image.name,
    'owner-alias': image.alias,
    'owner-id': image.owner,
    platform: undefined,
    'platform-details': 'Linux/UNIX',
    'root-device-name': ROOT_DEVICE,
    'root-device-type': 'ebs',
    state: 'available',
    'virtualization-type': 'hvm',
    // Of a volume that a container has not: lookups of CDK and Terraform ask for a kind of one.
    'block-device-mapping.volume-type': ['gp2', 'gp3'],
  }),
};

export const describeImages = ec2('describeImages', {}, async (ctx, input) => {
  const { ImageIds: ids, Owners = [], ExecutableUsers = [], ...asked } = input;
  const { IncludeDeprecated: _, IncludeDisabled: __ } = input;
  const tags = await tagsById(ctx.db, ctx);
  const all = (await visibleImages(ctx)).map((image) => ({
    ...{ ...image, tags: tags.get(image.id) ?? new Map() },
  }));
  const isOf = ({ owner, alias }: Tagged) =>
    Owners.length === 0 ||
    Owners.some((one) => one === alias || (one === 'self' ? ctx.accountId : one) === owner);
  const isFor = (image: Tagged) =>
    ExecutableUsers.length === 0 ||
    ExecutableUsers.some((one) => (one === 'all' ? image.public : image.owner === ctx.accountId));
  const shown = all.filter((image) => isOf(image) && isFor(image));
  const { items, ...more } = described(ctx, listed, shown, { ...asked, ids });
  return { Images: items.map(imageShape), ...more };
});

const REFUSED = [
  ...['BillingProducts', 'BootMode', 'TpmSupport', 'UefiData', 'KernelId', 'RamdiskId'],
  ...['BlockDeviceMappings', 'SriovNetSupport'],
];

const anyImage = ({ region }: { region: string }) => `arn:aws:ec2:${region}::image/*`;

/** An AMI is a container image here: ImageLocation is its name. It is pulled when the first instance of it starts. */
export const registerImage = ec2Asking(
  'registerImage',
  {
    resource: anyImage,
    conditions: (_ctx, { TagSpecifications }) => specifiedConditions(TagSpecifications),
  },
  async (ctx, input) => {
    refuse(input, 'RegisterImage', REFUSED);
    const { Name: name = '', ImageLocation: location, Description: description } = input;
    if (!isImageName(name))
      throw invalidValue(
        'AMI names must be between 3 and 128 characters long, and may contain letters, numbers, and ( ) . - / _ [ ] @ and blanks.',
      );
    if (location === undefined) throw missing('ImageLocation');
    if (!isLocation(location))
      throw invalidValue(
        `Value (${location}) for parameter ImageLocation is invalid: it is no container image.`,
      );
    const architecture = architectureOf(process.arch);
    if (input.Architecture !== undefined && input.Architecture !== architecture)
      throw unsupported(
        `the architecture ${input.Architecture} on a machine that is ${architecture}`,
      );
    if (input.VirtualizationType === 'paravirtual')
      throw unsupported('the virtualization type paravirtual');
    checkDevice(input);
    const tags = specifiedTags(input.TagSpecifications, 'image', ['snapshot']);
    await askForTags(ctx, { action: 'RegisterImage', arn: anyImage(ctx), tags });
    endTrial(input);
    const image: Image = {
      ...{ id: newId('ami'), name, location, owner: ctx.accountId },
      ...(description !== undefined && { description }),
      ...{ createdAt: ctx.clock.now().toISOString(), public: false },
    };
    await ctx.transaction(async (tx) => {
      const taken = (await listImages(tx, ctx)).find((other) => other.name === name);
      if (taken) throw imageNameTaken(name, taken.id);
      await insertImage(tx, ctx, image);
      await saveTags(tx, ctx, image.id, tags);
    });
    return { ImageId: image.id };
  },
);

/** Said of every image alike, and true of none that is a container: only what is so here is taken. */
function checkDevice({
  RootDeviceName,
  ImdsSupport,
  EnaSupport,
}: sdk.RegisterImageCommandInput): void {
  if (RootDeviceName !== undefined && RootDeviceName !== ROOT_DEVICE)
    throw unsupported(`the root device ${RootDeviceName}`);
  if (ImdsSupport !== undefined && ImdsSupport !== 'v2.0')
    throw invalidValue(`Value (${ImdsSupport}) for parameter ImdsSupport is invalid.`);
  if (EnaSupport === false) throw unsupported('images without enhanced networking');
}

export const deregisterImage = ec2(
  'deregisterImage',
  { resource: ({ region }, { ImageId }) => `arn:aws:ec2:${region}::image/${ImageId}` },
  async (ctx, input) => {
    const { ImageId: id = '' } = input;
    refuse(input, 'DeregisterImage', ['DeleteAssociatedSnapshots']);
    if (prefixOf(id) !== 'ami') throw malformed('ami', id);
    await ctx.transaction(async (tx) => {
      if (!(await listImages(tx, ctx)).some((image) => image.id === id)) throw notFound('ami', id);
      await deleteTags(tx, ctx, id);
      await deleteImage(tx, ctx, id);
    });
    return { Return: true };
  },
);
