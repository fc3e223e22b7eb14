import {
  ActionNotFoundException,
  ActionTypeNotFoundException,
  ApprovalAlreadyCompletedException,
  InvalidActionDeclarationException,
  InvalidApprovalTokenException,
  InvalidBlockerDeclarationException,
  InvalidClientTokenException,
  InvalidJobException,
  InvalidJobStateException,
  InvalidNextTokenException,
  InvalidNonceException,
  InvalidStageDeclarationException,
  InvalidStructureException,
  InvalidTagsException,
  InvalidWebhookAuthenticationParametersException,
  InvalidWebhookFilterPatternException,
  JobNotFoundException,
  LimitExceededException,
  OutputVariablesSizeExceededException,
  PipelineExecutionNotFoundException,
  PipelineExecutionNotStoppableException,
  PipelineNameInUseException,
  PipelineNotFoundException,
  PipelineVersionNotFoundException,
  ResourceNotFoundException,
  StageNotFoundException,
  TooManyTagsException,
  ValidationException,
  WebhookNotFoundException,
} from '@aws-sdk/client-codepipeline';
import { exception } from '../../aws/errors.ts';

export const invalidStructure = (message: string) => exception(InvalidStructureException, message);
export const invalidStage = (message: string) =>
  exception(InvalidStageDeclarationException, message);
export const invalidAction = (message: string) =>
  exception(InvalidActionDeclarationException, message);
export const invalidBlocker = (message: string) =>
  exception(InvalidBlockerDeclarationException, message);
export const invalid = (message: string) => exception(ValidationException, message);

/** CP-A38 */
export const roleNotAssumable = (roleArn: string) =>
  invalidStructure(`CodePipeline is not authorized to perform AssumeRole on role ${roleArn}`);

/** CP-A39 */
export const pipelineNameInUse = (accountId: string, name: string) =>
  exception(
    PipelineNameInUseException,
    `A pipeline with the name '${name}' already exists in account '${accountId}'`,
  );

/** CP-A40 */
export const pipelineNotFound = (accountId: string, name: string) =>
  exception(
    PipelineNotFoundException,
    `Account '${accountId}' does not have a pipeline with name '${name}'`,
  );

export const pipelineVersionNotFound = (accountId: string, name: string, version: number) =>
  exception(
    PipelineVersionNotFoundException,
    `Account '${accountId}' does not have a pipeline with name '${name}' and version '${version}'`,
  );

/** CP-A40, tag operations */
export const resourceNotFound = (accountId: string, name: string) =>
  exception(
    ResourceNotFoundException,
    `The account with id '${accountId}' does not include a pipeline with the name '${name}'`,
  );

export const executionNotFound = (pipeline: string, executionId: string) =>
  exception(
    PipelineExecutionNotFoundException,
    `The pipeline '${pipeline}' does not have an execution with id '${executionId}'`,
  );

export const executionNotStoppable = (executionId: string) =>
  exception(
    PipelineExecutionNotStoppableException,
    `The pipeline execution '${executionId}' is not in progress and can not be stopped`,
  );

export const stageNotFound = (pipeline: string, stage: string) =>
  exception(
    StageNotFoundException,
    `Pipeline '${pipeline}' does not have a stage with name '${stage}'`,
  );

export const actionNotFound = (stage: string, action: string) =>
  exception(
    ActionNotFoundException,
    `Stage '${stage}' does not have an action with name '${action}'`,
  );

export const invalidApprovalToken = () =>
  exception(
    InvalidApprovalTokenException,
    'The approval token is not valid: the approval request it was issued for has expired or does not exist',
  );

export const approvalAlreadyCompleted = () =>
  exception(
    ApprovalAlreadyCompletedException,
    'The approval action has already been approved or rejected',
  );

export const invalidNextToken = () =>
  exception(InvalidNextTokenException, 'The next token was specified in an invalid format');

/** CP-A41 */
export const systemTag = () =>
  exception(
    InvalidTagsException,
    "Not allowed to modify system tags. System tags start with 'aws:'. msg=[Caller is an end user and not allowed to mutate system tags]",
  );

/** CP-A41 */
export const tooManyTags = (arn: string) =>
  exception(TooManyTagsException, `Tag limit exceeded for resource [${arn}].`);

export const actionTypeNotFound = (id: {
  category: string | undefined;
  owner: string | undefined;
  provider: string | undefined;
  version: string | undefined;
}) =>
  exception(
    ActionTypeNotFoundException,
    `The action type (Category: '${id.category}', Provider: '${id.provider}', Owner: '${id.owner}', Version: '${id.version}') could not be found`,
  );

export const jobNotFound = (jobId: string) =>
  exception(JobNotFoundException, `The job '${jobId}' could not be found`);

export const invalidNonce = (jobId: string) =>
  exception(InvalidNonceException, `The nonce is not that of the job '${jobId}'`);

export const invalidJobState = (jobId: string) =>
  exception(InvalidJobStateException, `The job '${jobId}' is not in progress`);

export const invalidJob = (jobId: string) =>
  exception(InvalidJobException, `The job '${jobId}' is no job of a third party's that is open`);

export const invalidClientToken = () =>
  exception(InvalidClientTokenException, 'The client token is not that of the job');

/** CP-A24 */
export const outputVariablesTooLarge = () =>
  exception(
    OutputVariablesSizeExceededException,
    'The total size of the output variables exceeds the limit',
  );

export const limitExceeded = (accountId: string, limit: number, what: string) =>
  exception(
    LimitExceededException,
    `The account '${accountId}' has reached the limit of ${limit} ${what}`,
  );

export const webhookNotFound = (name: string) =>
  exception(WebhookNotFoundException, `The webhook '${name}' could not be found`);

export const invalidFilter = (message: string) =>
  exception(InvalidWebhookFilterPatternException, message);

export const invalidAuthentication = (message: string) =>
  exception(InvalidWebhookAuthenticationParametersException, message);
