import {
  type ActionTypeDeclaration,
  type ActionType as AwsActionType,
  type ActionTypeId as AwsActionTypeId,
  RequestFailedException,
} from '@aws-sdk/client-codepipeline';
import { exception, unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { at } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { isJson } from '../../../lib/is-json.ts';
import { encodeJson } from '../../../lib/json.ts';
import { actionTypeNotFound, invalid, limitExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { findActionType } from '../model/action-type.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import {
  CLIENT_TOKEN,
  type CustomDefinition,
  type Definition,
  factsOf,
} from '../model/made-type.ts';
import { checkDefinition } from '../model/made-type-rules.ts';
import { actionTypes } from '../providers/index.ts';
import { customActionType } from '../resources/custom-action-type.ts';
import { tagList, tagRules } from '../resources/pipeline.ts';
import {
  countCustomTypes,
  findMadeType,
  markTypeDeleted,
  putMadeType,
  type StoredType,
} from '../store/action-types.ts';
import { codepipeline } from './declare.ts';

interface NamesCustomType {
  category: ActionTypeId['category'] | undefined;
  provider: string | undefined;
  version: string | undefined;
}

const atCustom = at(customActionType, ({ category, provider, version }: NamesCustomType) => ({
  ...{ owner: 'Custom', category, provider, version },
}));

/** A new version, or one that was deleted and is the same again (CP-C48, CP-C49). */
export const createCustomActionType = codepipeline(
  'createCustomActionType',
  atCustom,
  async (ctx, input, { accountId, region, id, arn }) => {
    const { settings, configurationProperties, inputArtifactDetails, outputArtifactDetails } =
      input;
    const custom: CustomDefinition = {
      ...(settings && { settings }),
      ...(configurationProperties && { configurationProperties }),
      ...{ inputArtifactDetails, outputArtifactDetails },
    };
    const definition: Definition = { custom };
    const made = { id, accountId, definition };
    checkDefinition(factsOf(made), definition);
    checkNewTags(input.tags ?? [], tagRules(arn));
    const tags = tagList(tagsOf(input.tags));
    const created = ctx.clock.now().getTime();
    const type: StoredType = { ...made, region, created, deleted: false, tags };
    await ctx.transaction(async (tx) => {
      await checkNew(tx, type);
      await putMadeType(tx, type);
    });
    return { actionType: customView(id, custom), ...(input.tags && { tags }) };
  },
);

async function checkNew(tx: Tx, type: StoredType): Promise<void> {
  const { id, accountId } = type;
  const before = await findMadeType(tx, type, id);
  const named = `(Category: '${id.category}', Provider: '${id.provider}', Version: '${id.version}')`;
  if (before && !before.deleted) throw invalid(`The custom action type ${named} already exists`);
  if (before && encodeJson(before.definition) !== encodeJson(type.definition))
    throw invalid(
      `The custom action type ${named} was deleted: it can only be created again as it was; use a version that has never been used`,
    );
  if ((await countCustomTypes(tx, type)) >= limits.customActionTypes)
    throw limitExceeded(accountId, limits.customActionTypes, 'custom action types');
}

/** Deleting what does not exist succeeds: the operation has no error for it. */
export const deleteCustomActionType = codepipeline(
  'deleteCustomActionType',
  atCustom,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      const type = await findMadeType(tx, located, located.id);
      if (type && !type.deleted) await markTypeDeleted(tx, type, ctx.clock.now().getTime());
    });
    return {};
  },
);

/** A third party's, by its maker; one that is not there is made, since nobody could be asked to (CP-C55). */
export const updateActionType = codepipeline(
  'updateActionType',
  at(customActionType, ({ actionType }: { actionType: ActionTypeDeclaration | undefined }) => ({
    ...{ category: undefined, owner: undefined, provider: undefined, version: undefined },
    ...actionType?.id,
  })),
  async (ctx, input, { accountId, region, id }) => {
    const { id: _, ...declared } = input.actionType as ActionTypeDeclaration;
    refuseBuiltIn(id);
    const definition: Definition = { declared };
    const made = { id, accountId, definition };
    checkDefinition(factsOf(made), definition);
    checkExecutor(declared);
    const created = ctx.clock.now().getTime();
    await ctx.transaction(async (tx) => {
      const before = await findMadeType(tx, { accountId, region }, id);
      if (before && before.accountId !== accountId) throw actionTypeNotFound(id);
      await putMadeType(tx, {
        ...{ ...made, region, created, deleted: false, tags: before?.tags ?? [] },
      });
    });
    return {};
  },
);

function refuseBuiltIn(id: ActionTypeId): void {
  if (findActionType(actionTypes, id))
    throw exception(
      RequestFailedException,
      `The action type ${id.category}/${id.owner}/${id.provider}/${id.version} is this server's own and cannot be updated`,
    );
  if (id.owner !== 'ThirdParty') throw actionTypeNotFound(id);
}

function checkExecutor({ executor, properties = [] }: Omit<ActionTypeDeclaration, 'id'>): void {
  if (executor?.type === 'Lambda' || executor?.configuration?.lambdaExecutorConfiguration)
    throw unsupported('action types with the executor Lambda (lambdaExecutorConfiguration)');
  if (!executor?.configuration?.jobWorkerExecutorConfiguration)
    throw invalid('An executor of the type JobWorker needs a jobWorkerExecutorConfiguration');
  const { policyStatementsTemplate: policy } = executor;
  if (policy !== undefined && !isJson(policy))
    throw invalid('The policyStatementsTemplate is not valid JSON');
  const token = properties.find(({ name }) => name === CLIENT_TOKEN);
  if (token?.optional !== false || !token.noEcho)
    throw unsupported(
      `third-party action types without a property '${CLIENT_TOKEN}' that is not optional and has noEcho: by its value job workers show for which customer they work`,
    );
}

/** A custom type as it was created: what its maker left out is not filled in. */
export function customView(id: ActionTypeId, custom: CustomDefinition): AwsActionType {
  const { configurationProperties, inputArtifactDetails, outputArtifactDetails, settings } = custom;
  return {
    id: id as AwsActionTypeId,
    ...(settings && { settings }),
    ...(configurationProperties && { actionConfigurationProperties: configurationProperties }),
    inputArtifactDetails,
    outputArtifactDetails,
  };
}
