import {
  type ActionTypeDeclaration,
  ActionTypeNotFoundException,
  type ActionTypeSettings,
  type ActionType as AwsActionType,
  type ActionTypeId as AwsActionTypeId,
} from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { type ActionFacts, findActionType, idsOf, type Link } from '../model/action-type.ts';
import { absoluteUrl, linkTemplate } from '../model/console.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { actionTypes } from '../providers/index.ts';
import { pipelineArn } from '../resources/pipeline.ts';
import { SERVICE_PRINCIPAL } from '../role.ts';
import { codepipeline } from './declare.ts';

/** The action types that CreatePipeline takes. */
export const listActionTypes = codepipeline(
  'listActionTypes',
  { resource: (ctx) => pipelineArn(ctx, 'actiontype:*') },
  async (ctx, input) => ({
    actionTypes: actionTypes
      .filter((type) => !input.actionOwnerFilter || type.owner === input.actionOwnerFilter)
      .flatMap((type) => idsOf(type).map((id) => summary(ctx, type, id as AwsActionTypeId))),
  }),
);

/** One of them (CP-C55). */
export const getActionType = codepipeline(
  'getActionType',
  {
    resource: (ctx, { owner, category, provider, version }) =>
      pipelineArn(ctx, `actiontype:${owner}/${category}/${provider}/${version}`),
  },
  async (ctx, { category, owner, provider, version }) => {
    const id = { category, owner, provider, version } as ActionTypeId;
    const type = findActionType(actionTypes, id);
    if (!type) {
      throw exception(
        ActionTypeNotFoundException,
        `The action type (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') could not be found`,
      );
    }
    return { actionType: declaration(ctx, type, id as AwsActionTypeId) };
  },
);

function summary(ctx: ServiceContext, type: ActionFacts, id: AwsActionTypeId): AwsActionType {
  return {
    id,
    settings: templatesOf(ctx, type),
    actionConfigurationProperties: propertiesOf(type),
    ...artifactCounts(type),
  };
}

export const propertiesOf = ({ configuration }: ActionFacts) =>
  configuration.map((key) => ({
    name: key.name,
    required: key.required ?? false,
    key: key.key ?? false,
    secret: key.secret ?? false,
    queryable: key.queryable ?? false,
    description: key.description,
    type: key.type ?? 'String',
  }));

/** Those of this server are done by the server itself, which is no Lambda function: so a job worker of CodePipeline's. */
function declaration(
  ctx: ServiceContext,
  type: ActionFacts,
  id: AwsActionTypeId,
): ActionTypeDeclaration {
  return {
    id,
    executor: {
      type: 'JobWorker',
      configuration: {
        jobWorkerExecutorConfiguration: { pollingServicePrincipals: [SERVICE_PRINCIPAL] },
      },
    },
    permissions: { allowedAccounts: ['*'] },
    properties: type.configuration.map((key) => ({
      name: key.name,
      optional: !key.required,
      key: key.key ?? false,
      noEcho: key.secret ?? false,
      queryable: key.queryable ?? false,
      description: key.description,
    })),
    urls: templatesOf(ctx, type),
    ...artifactCounts(type),
  };
}

function artifactCounts({ inputs, outputs }: ActionFacts) {
  return {
    inputArtifactDetails: { minimumCount: inputs[0], maximumCount: inputs[1] },
    outputArtifactDetails: { minimumCount: outputs[0], maximumCount: outputs[1] },
  };
}

export function templatesOf(
  { endpoint, region }: ServiceContext,
  { links = {} }: ActionFacts,
): Pick<ActionTypeSettings, 'entityUrlTemplate' | 'executionUrlTemplate'> {
  const template = (link: Link) => absoluteUrl(endpoint, linkTemplate(link, region));
  return {
    ...(links.entity && { entityUrlTemplate: template(links.entity) }),
    ...(links.execution && { executionUrlTemplate: template(links.execution) }),
  };
}
