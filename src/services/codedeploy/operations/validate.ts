import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import {
  applicationDoesNotExist,
  batchLimit,
  groupDoesNotExist,
  invalidNextToken,
} from '../errors.ts';
import { MAX_DESCRIPTION, PAGE_SIZE } from '../limits.ts';
import { type Application, findApplication, findGroup, type Group } from '../store/applications.ts';
import type { Place } from '../store/tables.ts';

/** Names of applications, groups, configurations and instances (CD-PLT-03). */
const NAME = /^[A-Za-z0-9._+=,@-]{1,100}$/;

type ExceptionClass = Parameters<typeof exception>[0];

/** A name that is required and has CodeDeploy's form: the order is Required, then Invalid. */
function requireName(
  name: string | undefined,
  what: string,
  required: ExceptionClass,
  invalid: ExceptionClass,
): string {
  if (!name) throw exception(required, `${what} is required but was not specified.`);
  if (!NAME.test(name)) {
    throw exception(
      invalid,
      `${what} ${name} is invalid: 1 to 100 letters, digits and . _ + = , @ - are allowed.`,
    );
  }
  return name;
}

export const requireApplicationName = (name: string | undefined) =>
  requireName(
    name,
    'Application name',
    sdk.ApplicationNameRequiredException,
    sdk.InvalidApplicationNameException,
  );

export const requireGroupName = (name: string | undefined) =>
  requireName(
    name,
    'Deployment group name',
    sdk.DeploymentGroupNameRequiredException,
    sdk.InvalidDeploymentGroupNameException,
  );

export const requireConfigName = (name: string | undefined) =>
  requireName(
    name,
    'Deployment configuration name',
    sdk.DeploymentConfigNameRequiredException,
    sdk.InvalidDeploymentConfigNameException,
  );

/** Names of on-premises instances. One that begins as the ids of EC2 instances would be taken for one. */
export function requireInstanceName(name: string | undefined): string {
  const required = requireName(
    name,
    'Instance name',
    sdk.InstanceNameRequiredException,
    sdk.InvalidInstanceNameException,
  );
  if (!required.startsWith('i-')) return required;
  throw exception(
    sdk.InvalidInstanceNameException,
    `Instance name cannot start with 'i-': ${required}`,
  );
}

export function requireInstanceNames(names: string[] | undefined): string[] {
  if (!names?.length) return [requireInstanceName(undefined)];
  return names.map(requireInstanceName);
}

export function requireDeploymentId(id: string | undefined): string {
  if (!id)
    throw exception(
      sdk.DeploymentIdRequiredException,
      'Deployment ID is required but was not specified.',
    );
  if (!/^d-[A-Z0-9]+$/.test(id)) {
    throw exception(
      sdk.InvalidDeploymentIdException,
      `Specified DeploymentId is not in the valid format: ${id}`,
    );
  }
  return id;
}

export function checkDescription(description: string | undefined): void {
  if ((description?.length ?? 0) > MAX_DESCRIPTION) {
    throw exception(
      sdk.DescriptionTooLongException,
      `The description is longer than ${MAX_DESCRIPTION} characters.`,
    );
  }
}

export function checkBatch(items: unknown[], limit: number): void {
  if (items.length > limit) throw batchLimit(limit);
}

/** The application of that name. @throws ApplicationNameRequired, InvalidApplicationName, ApplicationDoesNotExist */
export async function requireApplication(
  tx: Tx,
  place: Place,
  name: string | undefined,
): Promise<Application> {
  const valid = requireApplicationName(name);
  const found = await findApplication(tx, place, valid);
  if (!found) throw applicationDoesNotExist(valid);
  return found;
}

/** An application and one of its groups, names checked first. */
export async function requireGroup(
  tx: Tx,
  place: Place,
  applicationName: string | undefined,
  groupName: string | undefined,
): Promise<{ application: Application; group: Group }> {
  requireApplicationName(applicationName);
  const valid = requireGroupName(groupName);
  const application = await requireApplication(tx, place, applicationName);
  const group = await findGroup(tx, application.applicationId, valid);
  if (!group) throw groupDoesNotExist(valid);
  return { application, group };
}

/** What the caller of a list asked for. @throws InvalidNextTokenException */
export const asked = (input: { nextToken?: string | undefined }) => ({
  token: input.nextToken || undefined,
  limit: PAGE_SIZE,
  refuse: invalidNextToken,
});
