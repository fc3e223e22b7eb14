import { ask } from './ask.ts';
import { type AgentCredentials, ConfigError, type OnPremisesConfig } from './config.ts';

/** Where instances find their metadata; AWS_EC2_METADATA_SERVICE_ENDPOINT names another place, as for the SDKs. */
const ENDPOINT = 'http://169.254.169.254';
const TOKEN_SECONDS = 21_600;
const PATIENCE = { idleMs: 5000, longestMs: 10_000 };
const LONGEST_ANSWER = 64 * 1024;
/** New credentials are asked for so long before the old ones end. */
const EARLY_MS = 5 * 60_000;

/** The instance metadata service, by IMDSv2 alone. */
function makeMetadata(endpoint: string) {
  let token: { value: string; until: number } | undefined;
  const send = (path: string, question: Parameters<typeof ask>[1]) =>
    ask(new URL(path, endpoint), question);
  const bounds = { patience: PATIENCE, mostBytes: LONGEST_ANSWER };
  async function newToken(): Promise<string> {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) };
    const { status, body } = await send('/latest/api/token', { method: 'PUT', headers, ...bounds });
    if (status !== 200) throw new Error(`the instance metadata gives no token: ${status}`);
    token = { value: body, until: Date.now() + (TOKEN_SECONDS * 1000) / 2 };
    return body;
  }
  return async function get(path: string): Promise<string> {
    const known = token && token.until > Date.now() ? token.value : await newToken();
    const headers = { 'x-aws-ec2-metadata-token': known };
    const { status, body } = await send(`/latest/${path}`, { headers, ...bounds });
    if (status === 401) token = undefined;
    if (status !== 200) throw new Error(`the instance metadata has no ${path}: ${status}`);
    return body;
  };
}

interface Identity {
  region: string;
  accountId: string;
  instanceId: string;
}

/**
 * What an EC2 instance is by its own metadata (CD-AGT-07): its host identifier, and the rotating credentials of its profile's role.
 * @throws ConfigError where there is no metadata
 */
export async function readInstanceConfig(
  env: Record<string, string | undefined>,
): Promise<OnPremisesConfig> {
  const get = makeMetadata(env.AWS_EC2_METADATA_SERVICE_ENDPOINT || ENDPOINT);
  let identity: Identity;
  try {
    identity = JSON.parse(await get('dynamic/instance-identity/document')) as Identity;
  } catch (error) {
    throw new ConfigError(`this is no EC2 instance: ${(error as Error).message}`);
  }
  const { region, accountId, instanceId } = identity;
  const hostIdentifier = `arn:aws:ec2:${region}:${accountId}:instance/${instanceId}`;
  let known: { credentials: AgentCredentials; until: number } | undefined;
  return {
    ...{ region, hostIdentifier, registration: hostIdentifier },
    async credentials() {
      if (known && known.until > Date.now()) return known.credentials;
      const directory = 'meta-data/iam/security-credentials/';
      const role = (await get(directory)).split('\n')[0] ?? '';
      const said = JSON.parse(await get(`${directory}${role}`)) as Record<string, string>;
      if (said.Code !== 'Success') throw new Error(`${said.Code}: ${said.Message}`);
      const credentials = {
        accessKeyId: said.AccessKeyId ?? '',
        secretAccessKey: said.SecretAccessKey ?? '',
        sessionToken: said.Token ?? '',
      };
      known = { credentials, until: Date.parse(said.Expiration ?? '') - EARLY_MS };
      return credentials;
    },
  };
}
