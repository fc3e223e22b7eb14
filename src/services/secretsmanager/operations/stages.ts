import type { UpdateSecretVersionStageCommandInput } from '@aws-sdk/client-secrets-manager';
import { invalidParameter, valueNotFound } from '../errors.ts';
import { detach, moveLabels, type Stages, versionWith } from '../model/stages.ts';
import { listVersions, updateSecret } from '../store/secrets.ts';
import { liveSecret, onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';
import { saveStages, stagesOf } from './versions.ts';

export const updateSecretVersionStage = secretsmanager(
  'updateSecretVersionStage',
  onSecret,
  async (ctx, input, { arn }) =>
    ctx.transaction(async (tx) => {
      const secret = await liveSecret(tx, arn);
      const versions = await listVersions(tx, secret.arn);
      await saveStages(tx, secret.arn, versions, move(stagesOf(versions), input));
      await updateSecret(tx, { ...secret, changedAt: ctx.clock.now() });
      return { ARN: secret.arn, Name: secret.name };
    }),
);

function move(stages: Stages, input: UpdateSecretVersionStageCommandInput): Stages {
  const { VersionStage: label = '', RemoveFromVersionId: from, MoveToVersionId: to } = input;
  const holder = versionWith(stages, label);
  for (const id of [from, to])
    if (id !== undefined && !stages.has(id)) throw valueNotFound({ VersionId: id });
  if (from !== undefined && holder !== from) {
    throw invalidParameter(`Staging label ${label} is not attached to version ${from}.`);
  }
  if (to === undefined) {
    if (from === undefined)
      throw invalidParameter('RemoveFromVersionId or MoveToVersionId has to be specified.');
    if (label === 'AWSCURRENT')
      throw invalidParameter('AWSCURRENT can only be moved to another version.');
    return detach(stages, label);
  }
  if (holder !== undefined && holder !== to && from === undefined) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ` +
        `${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  return moveLabels(stages, [label], to);
}
