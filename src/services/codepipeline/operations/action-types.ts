import type {
  ActionType as AwsActionType,
  ListActionTypesCommandInput,
  ListActionTypesCommandOutput,
} from '@aws-sdk/client-codepipeline';
import { operation } from '../../service.ts';
import { type ActionType, actionTypes } from '../model/catalogue.ts';
import { type Op, pipelineArn } from './op.ts';

/** The action types that CreatePipeline takes. */
export const listActionTypes: Op<ListActionTypesCommandInput, ListActionTypesCommandOutput> =
  operation(
    { action: 'codepipeline:ListActionTypes', resource: (ctx) => pipelineArn(ctx, 'actiontype:*') },
    async (_ctx, input) => ({
      actionTypes: actionTypes
        .filter((t) => !input.actionOwnerFilter || t.id.owner === input.actionOwnerFilter)
        .map(view),
    }),
  );

function view(type: ActionType): AwsActionType {
  return {
    id: type.id,
    settings: {},
    actionConfigurationProperties: type.keys.map((key) => ({
      ...key,
      secret: false,
      queryable: false,
    })),
    inputArtifactDetails: { minimumCount: type.inputs[0], maximumCount: type.inputs[1] },
    outputArtifactDetails: { minimumCount: type.outputs[0], maximumCount: type.outputs[1] },
  };
}
