import { join } from 'node:path';
import {
  BatchGetOnPremisesInstancesCommand,
  CodeDeployClient,
  type InstanceInfo,
  ListOnPremisesInstancesCommand,
} from '@aws-sdk/client-codedeploy';
import { EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { deploymentLayout, ROOT_DIR } from '../../agent/layout.ts';
import { append } from '../../lib/append.ts';
import { chunks } from '../../lib/chunks.ts';
import { isRefusal } from '../../lib/refusal.ts';
import { clientConfig, type Server } from '../server.ts';
import { type Deployed, deployedTo } from './deployed.ts';
import type { ShownInstance } from './instance.ts';
import { pagesOf } from './pages.ts';
import { portsOf } from './ports.ts';

const MOST_NAMES = 100;

interface Found {
  instances: ShownInstance[];
  /** What could not be found out, and why. */
  unknown: string[];
}

/** All instances of a server, EC2's first. @throws Error of a server that does not answer */
export async function allInstances(server: Server, all: boolean): Promise<Found> {
  const unknown: string[] = [];
  /** Who may not ask for one thing is shown the rest. */
  const asFarAs = async <T>(what: string, work: Promise<T>, none: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      unknown.push(`${what}: ${error.message}`);
      return none;
    }
  };
  const config = clientConfig(server);
  const codedeploy = new CodeDeployClient(config);
  const [machines, hosts, ports, deployed] = await Promise.all([
    asFarAs('EC2 instances', ec2Instances(new EC2Client(config)), []),
    asFarAs('on-premises instances', onPremises(codedeploy), []),
    asFarAs('ports of load balancers', portsOf(server), new Map()),
    asFarAs('deployments', deployedTo(codedeploy), new Map<string, Deployed>()),
  ]);
  const instances = [
    ...machines.map((machine) => shownMachine(machine, ports.get(machine.InstanceId ?? '') ?? [])),
    ...hosts.map(shownHost),
  ].filter(({ state }) => all || (state !== 'terminated' && state !== 'deregistered'));
  return { instances: instances.map((its) => withDeployment(its, deployed.get(its.id))), unknown };
}

async function ec2Instances(client: EC2Client): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {}))
    for (const { Instances = [] } of Reservations) append(found, Instances);
  return found;
}

async function onPremises(client: CodeDeployClient): Promise<InstanceInfo[]> {
  const names: string[] = [];
  const lists = pagesOf((nextToken) =>
    client.send(new ListOnPremisesInstancesCommand({ nextToken })),
  );
  for await (const { instanceNames = [] } of lists) append(names, instanceNames);
  const pages = chunks(names, MOST_NAMES).map((instanceNames) =>
    client.send(new BatchGetOnPremisesInstancesCommand({ instanceNames })),
  );
  return (await Promise.all(pages)).flatMap(({ instanceInfos = [] }) => instanceInfos);
}

const tagsOf = (tags: { Key?: string | undefined; Value?: string | undefined }[] = []) =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

function shownMachine(
  { InstanceId: id = '', State, Tags, ...machine }: Instance,
  ports: ShownInstance['ports'],
): ShownInstance {
  const tags = tagsOf(Tags);
  const state = State?.Name ?? 'unknown';
  const { Name: name, 'aws:autoscaling:groupName': autoScalingGroup } = tags;
  return {
    ...{ id, kind: 'ec2', state, name, ports, tags, autoScalingGroup },
    address: machine.PrivateIpAddress,
    image: machine.ImageId,
    type: machine.InstanceType,
    ...(state === 'running' && { shell: `docker exec -it slipway-ec2-${id} sh` }),
  };
}

function shownHost({ instanceName: id = '', deregisterTime, tags }: InstanceInfo): ShownInstance {
  const state = deregisterTime ? 'deregistered' : 'registered';
  return { id, kind: 'on-premises', state, ports: [], tags: tagsOf(tags) };
}

function withDeployment(instance: ShownInstance, deployed: Deployed | undefined): ShownInstance {
  if (!deployed) return instance;
  const { agentHeardAt, ...lastDeployment } = deployed;
  // The agent's default, and where the server puts it into instances.
  const { archive: files } = deploymentLayout(join(ROOT_DIR, deployed.groupId, deployed.id));
  return { ...instance, agentHeardAt, lastDeployment, files };
}
