import type { ActionType as AwsActionType } from '@aws-sdk/client-codepipeline';
import { type ActionType, actionTypes } from '../model/catalogue.ts';
import { pipelineArn } from '../resources/pipeline.ts';
import { codepipeline } from './declare.ts';

/** The action types that CreatePipeline takes. */
export const listActionTypes = codepipeline(
  'listActionTypes',
  { resource: (ctx) => pipelineArn(ctx, 'actiontype:*') },
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
