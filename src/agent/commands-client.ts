import { randomUUID } from 'node:crypto';
import type * as api from '../lib/codedeploy-commands.ts';
import { SIGNING_NAME, TARGET_PREFIX } from '../lib/codedeploy-commands.ts';
import { type CallOptions, isPassing, signedCall } from './signed-call.ts';
import { connectionWords } from './system-error.ts';
import { tryAgain } from './try-again.ts';

export interface CommandsClientOptions extends CallOptions {
  /** Ends waiting and trying again. */
  signal: AbortSignal;
  /** Told once of each call that has to be tried again, which may take long. */
  warn?(message: string): void;
}

const API = { signingName: SIGNING_NAME, targetPrefix: TARGET_PREFIX };

/** The host agents' API. Everything but a poll is tried again until the server answers. */
export function makeCommandsClient(options: CommandsClientOptions) {
  const again =
    <I, O>(operation: string) =>
    (input: I, invocationId: string = randomUUID()) =>
      tryAgain(() => signedCall<O>(options, { api: API, operation, input, invocationId }), {
        isPassing,
        signal: options.signal,
        onFirst: (error) =>
          options.warn?.(
            `${operation} is tried again until the server answers: ${connectionWords(error)}`,
          ),
      });
  return {
    /** Waits for a command; fails when the server cannot be reached. */
    pollHostCommand: (input: api.PollHostCommandInput) =>
      signedCall<api.PollHostCommandOutput>(options, {
        ...{ api: API, operation: 'PollHostCommand', input },
        signal: options.signal,
      }),
    /** With the id of the call, which the specification has to name. */
    getDeploymentSpecification: async (input: api.GetDeploymentSpecificationInput) => {
      const invocationId = randomUUID();
      const output = await again<
        api.GetDeploymentSpecificationInput,
        api.GetDeploymentSpecificationOutput
      >('GetDeploymentSpecification')(input, invocationId);
      return { ...output, invocationId };
    },
    putHostCommandAcknowledgement: again<
      api.PutHostCommandAcknowledgementInput,
      api.PutHostCommandAcknowledgementOutput
    >('PutHostCommandAcknowledgement'),
    putHostCommandComplete: again<api.PutHostCommandCompleteInput, object>(
      'PutHostCommandComplete',
    ),
  };
}

export type CommandsClient = ReturnType<typeof makeCommandsClient>;
