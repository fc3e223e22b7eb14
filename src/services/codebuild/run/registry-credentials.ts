import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RegistryCredentials } from '../../../executors/executor.ts';
import { ownValue } from '../../../lib/own.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { clientOf, type Session } from './session.ts';

const FAILURE = 'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE';

/**
 * User name and password for the registry of the build's image, as the project's secret has them, read under the service role
 * (CB-C9). https://docs.aws.amazon.com/codebuild/latest/userguide/sample-private-registry.html
 * @throws PhaseFailure that says which secret, and nothing of what is in it
 */
export async function registryCredentials(
  session: Session,
): Promise<RegistryCredentials | undefined> {
  const { registryCredential } = session.stored.inputs.environment;
  if (!registryCredential) return undefined;
  const { credential = '' } = registryCredential;
  const text = await secretText(session, credential);
  const [username, password] = ['username', 'password'].map((name) => memberOf(text, name));
  if (username === undefined || password === undefined)
    throw new PhaseFailure(
      FAILURE,
      `The registry credential ${credential} must be a secret of JSON with the texts "username" and "password"`,
    );
  return { username, password };
}

async function secretText(session: Session, SecretId: string): Promise<string> {
  try {
    const secrets = clientOf(session, SecretsManagerClient);
    const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const message = `The registry credential ${SecretId} cannot be read: ${error.name}: ${error.message}`;
    throw new PhaseFailure(FAILURE, message);
  }
}

function memberOf(text: string, name: string): string | undefined {
  try {
    const members: unknown = JSON.parse(text);
    if (typeof members !== 'object' || members === null) return undefined;
    const value = ownValue(members as Record<string, unknown>, name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
