import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ownValue, setOwn } from '../../../lib/own.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { VariableSource } from '../model/environment.ts';
import { clientOf, type Session } from './session.ts';

/** GetParameters takes ten names. */
const PARAMETERS_PER_CALL = 10;

/** AWS's own status codes of the phase context, blanks and all. */
const PARAMETER_ERROR = 'Decrypted Variables Error';
const SECRET_ERROR = 'Secrets Manager Error';

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
        source.kind === 'parameter' ? byParameter.get(source.parameter) : bySecret.get(name);
      if (value === undefined) throw new Error(`${name} was not read`);
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
    const { Parameters = [] } = await readable(PARAMETER_ERROR, () =>
      clientOf(session, SSMClient).send(new GetParametersCommand({ Names, WithDecryption: true })),
    );
    for (const { Name = '', ARN = '', Selector = '', Value } of Parameters) {
      // A parameter may be asked for by its name or its ARN, and either with a version or a label.
      if (Value !== undefined) values.set(Name + Selector, Value).set(ARN + Selector, Value);
    }
    // What was asked for and did not come is missed here, never taken for empty.
    const missing = Names.filter((name) => !values.has(name));
    if (missing.length > 0) {
      throw new PhaseFailure(PARAMETER_ERROR, `parameter does not exist: ${missing.join(', ')}`);
    }
  }
  return values;
}

async function readSecret(
  session: Session,
  { secretId, jsonKey, stage, versionId }: SecretSource,
): Promise<string> {
  const { SecretString } = await readable(SECRET_ERROR, () =>
    clientOf(session, SecretsManagerClient).send(
      new GetSecretValueCommand({
        SecretId: secretId,
        ...(stage && { VersionStage: stage }),
        ...(versionId && { VersionId: versionId }),
      }),
    ),
  );
  if (SecretString === undefined)
    throw new PhaseFailure(SECRET_ERROR, `Secret ${secretId} holds no text`);
  return jsonKey ? memberOf(secretId, SecretString, jsonKey) : SecretString;
}

function memberOf(secretId: string, text: string, key: string): string {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    throw new PhaseFailure(
      SECRET_ERROR,
      `Secret ${secretId} holds no JSON, so it has no key ${key}`,
    );
  }
  const value =
    typeof members === 'object' && members !== null
      ? ownValue(members as Record<string, unknown>, key)
      : undefined;
  if (value === undefined)
    throw new PhaseFailure(SECRET_ERROR, `Secret ${secretId} has no key ${key}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function readable<T>(code: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new PhaseFailure(code, `${error.name}: ${error.message}`);
  }
}
