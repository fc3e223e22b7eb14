import type {
  ActionTypeDeclaration,
  ActionTypeSettings,
  ActionType as AwsActionType,
  ActionTypeId as AwsActionTypeId,
} from '@aws-sdk/client-codepipeline';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { actionTypeNotFound } from '../errors.ts';
import { type ActionFacts, findActionType, idsOf, type Link } from '../model/action-type.ts';
import { absoluteUrl, linkTemplate } from '../model/console.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { factsOf, mayUse } from '../model/made-type.ts';
import { actionTypes } from '../providers/index.ts';
import { SERVICE_PRINCIPAL } from '../providers/role.ts';
import { pipelineArn } from '../resources/pipeline.ts';
import { findMadeType, listMadeTypes, type StoredType } from '../store/action-types.ts';
import { asked } from './asked.ts';
import { customView } from './custom-action-types.ts';
import { codepipeline } from './declare.ts';

/** The action types that CreatePipeline takes: this server's, and those that people made and the caller may use. */
export const listActionTypes = codepipeline(
  'listActionTypes',
  { resource: (ctx) => pipelineArn(ctx, 'actiontype:*') },
  async (ctx, input) => {
    const own = actionTypes.flatMap((type, at) =>
      idsOf(type).map((id) => ({
        key: [0, at, id.category],
        view: summary(ctx, type, id as AwsActionTypeId),
      })),
    );
    const made = (await listMadeTypes(ctx.db, ctx))
      .filter((type) => mayUse(factsOf(type), ctx.accountId))
      .map((type) => ({ key: [1, 0, Object.values(type.id).join('/')], view: madeView(type) }));
    const asksFor = input.actionOwnerFilter;
    const wanted = [...own, ...made].filter(({ view }) => !asksFor || view.id?.owner === asksFor);
    const { items, nextToken } = pageOfList(ctx, asked(input, PAGE), wanted, ({ key }) => key);
    return { actionTypes: items.map(({ view }) => view), ...(nextToken && { nextToken }) };
  },
);

/** All that there is as a rule: callers cannot ask for less. */
const PAGE = 500;

/** One of this server's, or of a third party (CP-C55). */
export const getActionType = codepipeline(
  'getActionType',
  {
    resource: (ctx, { owner, category, provider, version }) =>
      pipelineArn(ctx, `actiontype:${owner}/${category}/${provider}/${version}`),
  },
  async (ctx, { category, owner, provider, version }) => {
    const id = { category, owner, provider, version } as ActionTypeId;
    const type = findActionType(actionTypes, id);
    if (type) return { actionType: declaration(ctx, type, id as AwsActionTypeId) };
    const made = await findMadeType(ctx.db, ctx, id);
    const seen = made && !made.deleted && mayUse(factsOf(made), ctx.accountId);
    if (!seen || !('declared' in made.definition)) throw actionTypeNotFound(id);
    return { actionType: { ...made.definition.declared, id: id as AwsActionTypeId } };
  },
);

function madeView(type: StoredType): AwsActionType {
  const { id, definition } = type;
  if ('custom' in definition) return customView(id, definition.custom);
  const { urls } = definition.declared;
  const { configurationUrl, ...templates } = urls ?? {};
  const facts = factsOf(type);
  return {
    id: id as AwsActionTypeId,
    settings: {
      ...templates,
      ...(configurationUrl !== undefined && { thirdPartyConfigurationUrl: configurationUrl }),
    },
    ...propertiesAndCounts(facts),
  };
}

function summary(ctx: ServiceContext, type: ActionFacts, id: AwsActionTypeId): AwsActionType {
  return {
    id,
    settings: templatesOf(ctx, type),
    ...propertiesAndCounts(type),
  };
}

function propertiesAndCounts(type: ActionFacts) {
  return {
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
