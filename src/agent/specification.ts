import { DEPLOYMENT_SIGNER, type Envelope, type HostCommand } from '../lib/codedeploy-commands.ts';
import { openMessage } from '../lib/signed-message.ts';
import { segment } from './layout.ts';
import { type Revision, readRevision } from './revision.ts';

export type FileExistsBehavior = 'DISALLOW' | 'OVERWRITE' | 'RETAIN';

/** What the server says of a deployment (CD-AGT-05). */
export interface Specification {
  deploymentId: string;
  groupId: string;
  groupName: string;
  applicationName: string;
  creator: string;
  type: string;
  appSpecPath: string;
  fileExistsBehavior: FileExistsBehavior;
  lifecycleEvents?: string[];
  revision: Revision;
  /** The log group that the host tells of the deployment, where its deployment group asks for that. */
  logGroup?: string;
}

const FORMAT = 'PKCS7/JSON';

/** What a specification was asked for. */
export interface Asked {
  hostIdentifier: string;
  command: HostCommand;
  invocationId: string;
}

/**
 * Opens a signed specification.
 * @param anchors CA certificates, of one of which the server has to have signed it
 * @throws Error that says what is wrong with it
 */
export function readSpecification(
  envelope: Envelope | undefined,
  anchors: string[],
  asked: Asked,
): Specification {
  if (envelope?.Format !== FORMAT || !envelope.Payload) {
    throw new Error(`Unsupported DeploymentSpecification format: ${envelope?.Format}`);
  }
  const trust = { anchors, signer: DEPLOYMENT_SIGNER, now: new Date() };
  const content: unknown = JSON.parse(openMessage(envelope.Payload, trust));
  if (typeof content !== 'object' || content === null)
    throw new Error('The deployment specification is empty.');
  checkPurpose(content, asked);
  return fromJson(content as Record<string, unknown>);
}

/** Whom and what a specification is for. */
interface Purpose {
  HostIdentifier?: unknown;
  HostCommand?: HostCommand & { CommandStatus?: unknown };
  InvocationId?: unknown;
}

const OPEN = ['Pending', 'InProgress'];

/** A specification that is genuine, but another host's, another command's or an earlier one, is as good as forged. */
function checkPurpose(content: Purpose, { hostIdentifier, command, invocationId }: Asked): void {
  const { HostCommandIdentifier, CommandName, CommandStatus } = content.HostCommand ?? {};
  const isCommand =
    HostCommandIdentifier === command.HostCommandIdentifier && CommandName === command.CommandName;
  const other = Object.entries({
    host: content.HostIdentifier !== hostIdentifier,
    command: !isCommand,
    request: content.InvocationId !== invocationId,
  }).find(([, differs]) => differs)?.[0];
  if (other) throw new Error(`The deployment specification was made for another ${other}.`);
  if (!OPEN.includes(String(CommandStatus)))
    throw new Error('The deployment specification was made for a command that is over.');
}

function fromJson(json: Record<string, unknown>): Specification {
  const need = (name: string): string => {
    const value = json[name];
    if (typeof value !== 'string' || value === '')
      throw new Error(`Missing ${name} in the deployment specification`);
    return value;
  };
  const overrides = json.AgentActionOverrides as
    | { AgentOverrides?: { FileExistsBehavior?: string } }
    | undefined;
  const events = json.AllPossibleLifecycleEvents;
  return {
    deploymentId: segment(need('DeploymentId')),
    groupId: segment(need('DeploymentGroupId')),
    groupName: need('DeploymentGroupName'),
    applicationName: need('ApplicationName'),
    creator: String(json.DeploymentCreator ?? 'user'),
    type: String(json.DeploymentType ?? 'IN_PLACE'),
    appSpecPath: String(json.AppSpecFilename ?? 'appspec.yml'),
    fileExistsBehavior: (overrides?.AgentOverrides?.FileExistsBehavior ??
      'DISALLOW') as FileExistsBehavior,
    ...(Array.isArray(events) && { lifecycleEvents: events.map(String) }),
    revision: readRevision(json.Revision, json.GitHubAccessToken),
    ...(typeof json.LogGroupName === 'string' && { logGroup: json.LogGroupName }),
  };
}
