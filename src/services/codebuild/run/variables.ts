import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ownValue, setOwn } from '../../../lib/own.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { VariableSource } from '../model/environment.ts';
import { clientOf, type Session } from './session.ts';

/** GetParameters takes ten names. */
const PARAMETERS_PER_CALL = 10;

type SecretSource = VariableSource & { kind: 'secret' };

/** The values of all variables, read under the service role; and those among them that the log must not show. */
export async function resolveVariables(
  session: Session,
  sources: Map<string, VariableSource>,
): Promise<{ values: Record<string, string>; secrets: string[] }> {
  const all = [...sources];
  const parameters = all.flatMap(([, source]) =>
    source.kind === 'parameter' ? [source.parameter] : [],
  );
  const [byParameter, secretValues] = await Promise.all([
    readParameters(session, [...new Set(parameters)]),
    Promise.all(
      all.map(async ([name, source]) =>
        source.kind === 'secret' ? ([name, await readSecret(session, source)] as const) : undefined,
      ),
    ),
  ]);
  const bySecret = new Map(secretValues.filter((found) => found !== undefined));
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, source] of all) {
    if (source.kind === 'plaintext') setOwn(values, name, source.value);
    else {
      const value =
        (source.kind === 'parameter' ? byParameter.get(source.parameter) : bySecret.get(name)) ??
        '';
      setOwn(values, name, value);
      secrets.push(value);
    }
  }
  return { values, secrets };
}

async function readParameters(session: Session, names: string[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (let from = 0; from < names.length; from += PARAMETERS_PER_CALL) {
    const Names = names.slice(from, from + PARAMETERS_PER_CALL);
    const { Parameters = [], InvalidParameters = [] } = await readable('SSM', () =>
      clientOf(session, SSMClient).send(new GetParametersCommand({ Names, WithDecryption: true })),
    );
    if (InvalidParameters.length > 0) {
      throw new PhaseFailure(
        'CLIENT_ERROR',
        `Parameter does not exist: ${InvalidParameters.join(', ')}`,
      );
    }
    for (const { Name = '', ARN = '', Value = '' } of Parameters) {
      // A name may be asked for by its ARN.
      values.set(Name, Value).set(ARN, Value);
    }
  }
  return values;
}

async function readSecret(
  session: Session,
  { secretId, jsonKey, stage, versionId }: SecretSource,
): Promise<string> {
  const { SecretString } = await readable('Secrets Manager', () =>
    clientOf(session, SecretsManagerClient).send(
      new GetSecretValueCommand({
        SecretId: secretId,
        ...(stage && { VersionStage: stage }),
        ...(versionId && { VersionId: versionId }),
      }),
    ),
  );
  if (SecretString === undefined)
    throw new PhaseFailure('CLIENT_ERROR', `Secret ${secretId} holds no text`);
  return jsonKey ? memberOf(secretId, SecretString, jsonKey) : SecretString;
}

function memberOf(secretId: string, text: string, key: string): string {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    throw new PhaseFailure(
      'CLIENT_ERROR',
      `Secret ${secretId} holds no JSON, so it has no key ${key}`,
    );
  }
  const value =
    typeof members === 'object' && members !== null
      ? ownValue(members as Record<string, unknown>, key)
      : undefined;
  if (value === undefined)
    throw new PhaseFailure('CLIENT_ERROR', `Secret ${secretId} has no key ${key}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function readable<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number };
    };
    const status = $metadata?.httpStatusCode ?? 0;
    if (status < 400 || status >= 500) throw error;
    throw new PhaseFailure('CLIENT_ERROR', `${service}: ${name}: ${message}`);
  }
}
