import { AwsError } from '../../aws/errors.ts';
import { ownValue } from '../../lib/own.ts';
import { MAX_INSTANCES, MAX_VPCS } from './limits.ts';

// EC2's client package has no exception classes: codes and texts are those of
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

export const invalidValue = (text: string) => new AwsError('InvalidParameterValue', text);
export const missing = (name: string) =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
export const combination = (text: string) => new AwsError('InvalidParameterCombination', text);
export const invalidToken = () =>
  new AwsError('InvalidNextToken', 'The provided NextToken is invalid.');
export const wouldSucceed = () =>
  new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);

/** By the prefix of ids: what the code for one that is none, or is not there, begins with, and what the text calls it. */
const KINDS: Record<string, [code: string, name: string]> = {
  i: ['InvalidInstanceID', 'instance ID'],
  ami: ['InvalidAMIID', 'image id'],
  vpc: ['InvalidVpcID', 'vpc ID'],
  subnet: ['InvalidSubnetID', 'subnet ID'],
  sg: ['InvalidGroup', 'security group'],
  igw: ['InvalidInternetGatewayID', 'internetGateway ID'],
  rtb: ['InvalidRouteTableID', 'routeTable ID'],
  eni: ['InvalidNetworkInterfaceID', 'networkInterface ID'],
  vol: ['InvalidVolume', 'volume'],
  lt: ['InvalidLaunchTemplateId', 'launch template ID'],
  key: ['InvalidKeyPair', 'key pair ID'],
};
const kindOf = (prefix: string) => ownValue(KINDS, prefix) ?? ['InvalidID', 'ID'];

export function notFound(prefix: string, ids: string | readonly string[]): AwsError {
  const [code, name] = kindOf(prefix);
  const all = [ids].flat();
  const [first = ''] = all;
  if (prefix === 'ami')
    return new AwsError(`${code}.NotFound`, `The ${name} '[${first}]' does not exist`);
  const words = all.length > 1 ? `${name}s '${all.join(', ')}' do` : `${name} '${first}' does`;
  return new AwsError(`${code}.NotFound`, `The ${words} not exist`);
}

export function malformed(prefix: string, id: string): AwsError {
  const [code] = kindOf(prefix);
  const suffix = prefix === 'sg' ? 'InvalidGroupId.Malformed' : `${code}.Malformed`;
  return new AwsError(suffix, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

export const incorrectState = (id: string, state: string) =>
  new AwsError(
    'IncorrectInstanceState',
    `The instance '${id}' is not in a state from which it can be used so: it is '${state}'.`,
  );
export const mismatch = () =>
  new AwsError(
    'IdempotentParameterMismatch',
    'The client token that was given was used before with other parameters.',
  );
export const protectedFrom = (what: string, id: string, attribute: string) =>
  new AwsError(
    'OperationNotPermitted',
    `The instance '${id}' may not be ${what}. Modify its '${attribute}' instance attribute and try again.`,
  );
export const noSuchAssociation = (id: string) =>
  new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
export const noSuchProfile = (text: string) =>
  new AwsError(
    'InvalidParameterValue',
    `Value (${text}) for parameter iamInstanceProfile is invalid.`,
  );
export const associated = (id: string) =>
  new AwsError('IncorrectState', `There is an existing association for instance ${id}`);
export const groupExists = (name: string, vpc: string) =>
  new AwsError(
    'InvalidGroup.Duplicate',
    `The security group '${name}' already exists for VPC '${vpc}'`,
  );
export const groupInUse = (id: string) =>
  new AwsError('DependencyViolation', `resource ${id} has a dependent object`);
export const defaultGroupStays = (name: string) =>
  new AwsError('CannotDelete', `the specified group: "${name}" cannot be deleted by a user`);
export const ruleExists = (text: string) =>
  new AwsError('InvalidPermission.Duplicate', `the specified rule "${text}" already exists`);
export const noSuchRule = () =>
  new AwsError(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );
export const tooManyInstances = () =>
  new AwsError(
    'InstanceLimitExceeded',
    `You have requested more instances than your current instance limit of ${MAX_INSTANCES}, in ${MAX_VPCS} regions at a time, allows for.`,
  );
export const noRoom = () =>
  new AwsError(
    'InsufficientInstanceCapacity',
    'There is no instance capacity for the request: this server follows no more instances, or has no more networks for them.',
  );
export const tooMany = (what: string, most: number) =>
  new AwsError(what, `The maximum of ${most} has been reached.`);
export const imageNameTaken = (name: string, id: string) =>
  new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${id}`);
export const noKeyPair = (name: string) =>
  new AwsError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);

export const templateExists = () =>
  new AwsError(
    'InvalidLaunchTemplateName.AlreadyExistsException',
    'Launch template name already in use.',
  );
export const badTemplateName = (name: string) =>
  new AwsError(
    'InvalidLaunchTemplateName.MalformedException',
    `The launch template name '${name}' is not valid. It has between 3 and 128 characters, of which it may have letters, digits and ( ) . / _ -`,
  );
export const noTemplate = (by: { id: string } | { name: string }) =>
  'id' in by
    ? new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${by.id}, does not exist.`,
      )
    : new AwsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${by.name}, does not exist.`,
      );
export const noTemplateVersion = (id: string, version: string) =>
  new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${id}.`,
  );
export const keyPairExists = (name: string) =>
  new AwsError('InvalidKeyPair.Duplicate', `The keypair already exists: ${name}`);
export const badKey = (text: string) => new AwsError('InvalidKey.Format', text);
