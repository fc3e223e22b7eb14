import type {
  $SchemaRef,
  StaticErrorSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types';

/**
 * The API between CodeDeploy and its host agents. AWS publishes no client package for it, so its schemas are
 * written by hand, in the form in which the SDK's packages export theirs. Both sides use this file.
 */
export const TARGET_PREFIX = 'CodeDeployCommandService_v20141006';
export const SIGNING_NAME = 'codedeploy-commands';
/** The same API with IAM permissions asked for (the agent's `:enable_auth_policy:`). */
export const SECURE_TARGET_PREFIX = 'CodeDeployCommandService';
export const SECURE_SIGNING_NAME = 'codedeploy-commands-secure';

/** What the certificate of who signs deployment specifications has to be made for. */
export const DEPLOYMENT_SIGNER = {
  commonName: 'Slipway deployment specifications',
  /** Extended key usage: code signing. */
  purpose: '1.3.6.1.5.5.7.3.3',
} as const;

export type CommandStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed';

/** Diagnostics and specifications travel as a text and the name of its format. */
export interface Envelope {
  Format?: string;
  Payload?: string;
}

export interface HostCommand {
  HostCommandIdentifier?: string;
  HostIdentifier?: string;
  DeploymentExecutionId?: string;
  /** A lifecycle event. */
  CommandName?: string;
  Nonce?: number;
}

export interface PollHostCommandInput {
  HostIdentifier?: string;
}
export interface PollHostCommandOutput {
  HostCommand?: HostCommand;
}
export interface GetDeploymentSpecificationInput {
  DeploymentExecutionId?: string;
  HostIdentifier?: string;
}
export interface GetDeploymentSpecificationOutput {
  DeploymentSystem?: string;
  DeploymentSpecification?: { GenericEnvelope?: Envelope };
}
export interface PutHostCommandAcknowledgementInput {
  HostCommandIdentifier?: string;
  Diagnostics?: Envelope;
}
export interface PutHostCommandAcknowledgementOutput {
  CommandStatus?: CommandStatus;
}
export interface PutHostCommandCompleteInput {
  HostCommandIdentifier?: string;
  CommandStatus?: CommandStatus;
  Diagnostics?: Envelope;
}
export interface PostHostCommandUpdateInput {
  HostCommandIdentifier?: string;
  EstimatedCompletionTime?: Date;
  Diagnostics?: Envelope;
}
export interface PostHostCommandUpdateOutput {
  CommandStatus?: CommandStatus;
}

const NAMESPACE = 'com.amazonaws.codedeploy.commands';
const STRING = 0;
const NUMBER = 1;
const TIMESTAMP = 4;

function structure(
  name: string,
  members: Record<string, $SchemaRef>,
  required = 0,
): StaticStructureSchema {
  return [3, NAMESPACE, name, 0, Object.keys(members), Object.values(members), required];
}

function operation(
  name: string,
  input: StaticStructureSchema,
  output: StaticStructureSchema,
): StaticOperationSchema {
  return [9, NAMESPACE, name, 0, () => input, () => output];
}

function error(name: string, fault: 'client' | 'server'): StaticErrorSchema {
  return [-3, NAMESPACE, name, { error: fault }, ['message'], [STRING]];
}

const envelope = structure('Envelope', { Format: STRING, Payload: STRING });
const hostCommand = structure('HostCommandInstance', {
  HostCommandIdentifier: STRING,
  HostIdentifier: STRING,
  DeploymentExecutionId: STRING,
  CommandName: STRING,
  Nonce: NUMBER,
});
const specification = structure('DeploymentSpecification', { GenericEnvelope: () => envelope });
const diagnostics = { Diagnostics: () => envelope };
const status = { CommandStatus: STRING } as const;

/** By operation name. The first members of an input are the required ones. */
export const OPERATIONS: Record<string, StaticOperationSchema> = {
  PollHostCommand: operation(
    'PollHostCommand',
    structure('PollHostCommandInput', { HostIdentifier: STRING }, 1),
    structure('PollHostCommandOutput', { HostCommand: () => hostCommand }),
  ),
  GetDeploymentSpecification: operation(
    'GetDeploymentSpecification',
    structure(
      'GetDeploymentSpecificationInput',
      { DeploymentExecutionId: STRING, HostIdentifier: STRING },
      2,
    ),
    structure('GetDeploymentSpecificationOutput', {
      DeploymentSystem: STRING,
      DeploymentSpecification: () => specification,
    }),
  ),
  PutHostCommandAcknowledgement: operation(
    'PutHostCommandAcknowledgement',
    structure(
      'PutHostCommandAcknowledgementInput',
      { HostCommandIdentifier: STRING, ...diagnostics },
      1,
    ),
    structure('PutHostCommandAcknowledgementOutput', status),
  ),
  PutHostCommandComplete: operation(
    'PutHostCommandComplete',
    structure(
      'PutHostCommandCompleteInput',
      { HostCommandIdentifier: STRING, ...status, ...diagnostics },
      2,
    ),
    structure('PutHostCommandCompleteOutput', {}),
  ),
  PostHostCommandUpdate: operation(
    'PostHostCommandUpdate',
    structure(
      'PostHostCommandUpdateInput',
      { HostCommandIdentifier: STRING, EstimatedCompletionTime: TIMESTAMP, ...diagnostics },
      1,
    ),
    structure('PostHostCommandUpdateOutput', status),
  ),
};

export const ERRORS: Record<string, StaticErrorSchema> = {
  ClientException: error('ClientException', 'client'),
  ServerException: error('ServerException', 'server'),
};
