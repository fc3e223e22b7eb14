import type { CapacityProviderStrategyItem, NetworkConfiguration } from '@aws-sdk/client-ecs';
import {
  type FilePlace,
  type Located,
  type LocatedEntry,
  NotReadable,
  readLocated,
} from '../../../../lib/located.ts';
import { setOwn } from '../../../../lib/own.ts';
import { ECS_HOOKS } from '../strategies/ecs.ts';
import { LAMBDA_HOOKS } from '../strategies/lambda.ts';
import type { Hooks } from '../strategies/shift-state.ts';

/** What an AppSpec for Lambda says (reference: CodeDeploy user guide, "AppSpec File Reference"). */
export interface LambdaSpec {
  platform: 'Lambda';
  functionName: string;
  alias: string;
  current: string;
  target: string;
  hooks: Hooks;
}

/** And one for ECS. */
export interface EcsSpec {
  platform: 'ECS';
  taskDefinition: string;
  containerName: string;
  containerPort: number;
  platformVersion?: string;
  network?: NetworkConfiguration;
  capacityProviders?: CapacityProviderStrategyItem[];
  hooks: Hooks;
}

export type ShiftSpec = LambdaSpec | EcsSpec;

/** Something wrong, and where it stands. */
export interface SpecProblem {
  message: string;
  at: FilePlace;
  path: (string | number)[];
}

export interface ReadSpec {
  /** Where nothing is wrong. */
  spec?: ShiftSpec;
  problems: SpecProblem[];
}

const TYPES = { Lambda: 'AWS::Lambda::Function', ECS: 'AWS::ECS::Service' } as const;
const PLATFORMS = ['Lambda', 'ECS'] as const;

type Path = (string | number)[];
interface Found {
  value: Located;
  at: FilePlace;
  path: Path;
}

class Reader {
  readonly problems: SpecProblem[] = [];

  say(message: string, { at, path }: Pick<Found, 'at' | 'path'>): undefined {
    this.problems.push({ message, at, path });
  }

  /** A member, however its key is capitalised: AWS's samples have both. */
  member(of: Found, key: string): Found | undefined {
    const entry = entryOf(of.value, key);
    return entry && { value: entry.value, at: entry.at, path: [...of.path, entry.key] };
  }

  /** A text; a number is taken for one. */
  text(of: Found, key: string, { required = true } = {}): string | undefined {
    const found = this.member(of, key);
    if (!found) return required ? this.say(`The property ${key} is missing.`, of) : undefined;
    if (found.value.kind !== 'scalar' || found.value.text.trim() === '')
      return this.say(`The property ${key} must be a string that is not empty.`, found);
    return found.value.text;
  }

  items(found: Found | undefined): Found[] {
    if (found?.value.kind !== 'list') return [];
    return found.value.items.map((value, index) => ({
      ...{ value, at: value.at },
      path: [...found.path, index],
    }));
  }
}

function entryOf(node: Located, key: string): LocatedEntry | undefined {
  if (node.kind !== 'map') return undefined;
  return node.entries.findLast((entry) => entry.key.toLowerCase() === key.toLowerCase());
}

/**
 * Reads an AppSpec that shifts traffic, to its end.
 * @param name of the file, whose end tells JSON from YAML
 * @param platform the application's; undefined: whatever the file is for
 */
export function readShiftSpec(
  text: string,
  { name = 'appspec.yaml', platform }: { name?: string; platform?: ShiftSpec['platform'] } = {},
): ReadSpec {
  try {
    return read(readLocated(text, name), platform);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    const form = /\.json$/i.test(name) ? 'JSON' : 'YAML';
    const message = `The AppSpec is not well-formed ${form}: ${error.message}`;
    return { problems: [{ message, at: error.at, path: [] }] };
  }
}

function read(document: Located, platform: ShiftSpec['platform'] | undefined): ReadSpec {
  const reader = new Reader();
  const root: Found = { value: document, at: document.at, path: [] };
  if (document.kind !== 'map') {
    reader.say('The AppSpec must define at minimum the version and Resources properties.', root);
    return { problems: reader.problems };
  }
  checkVersion(reader, root);
  const resource = resourceOf(reader, root, platform);
  const hooks = hooksOf(reader, root, resource?.platform);
  const spec = resource && specOf(reader, resource, hooks);
  const { problems } = reader;
  return { ...(spec && problems.length === 0 && { spec }), problems };
}

function checkVersion(reader: Reader, root: Found): undefined {
  const version = reader.member(root, 'version');
  if (!version) return reader.say('The property version is missing.', root);
  const text = version.value.kind === 'scalar' ? version.value.text.trim() : '';
  if (/^0(?:\.0)?$/.test(text)) return undefined;
  return reader.say(
    `An invalid version value (${text}) was entered in the application specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`,
    version,
  );
}

interface Resource {
  platform: ShiftSpec['platform'];
  properties: Found;
}

function resourceOf(
  reader: Reader,
  root: Found,
  wanted: ShiftSpec['platform'] | undefined,
): Resource | undefined {
  const resources = reader.member(root, 'Resources');
  if (!resources) return reader.say('The section Resources is missing.', root);
  if (resources.value.kind !== 'list' || resources.value.items.length !== 1)
    return reader.say('The section Resources must be a list of exactly one resource.', resources);
  const [item] = reader.items(resources);
  if (item?.value.kind !== 'map' || item.value.entries.length !== 1)
    return reader.say(
      'A resource must have exactly one name, and its Type and Properties.',
      item ?? resources,
    );
  const [entry] = item.value.entries;
  const named: Found = {
    value: entry?.value ?? item.value,
    ...{ at: entry?.at ?? item.at, path: [...item.path, entry?.key ?? ''] },
  };
  const type = reader.text(named, 'Type');
  if (type === undefined) return undefined;
  const platform = PLATFORMS.find((one) => TYPES[one] === type);
  if (!platform || (wanted && platform !== wanted)) {
    const types = wanted ? TYPES[wanted] : Object.values(TYPES).join(' or ');
    return reader.say(
      `The Type of the resource is ${type}, and must be ${types}.`,
      reader.member(named, 'Type') ?? named,
    );
  }
  const properties = reader.member(named, 'Properties');
  if (properties?.value.kind !== 'map')
    return reader.say('The Properties of the resource are missing.', properties ?? named);
  return { platform, properties };
}

function hooksOf(reader: Reader, root: Found, platform: ShiftSpec['platform'] = 'Lambda'): Hooks {
  const hooks: Hooks = {};
  const section = reader.member(root, 'Hooks');
  if (!section || isEmpty(section.value)) return hooks;
  if (section.value.kind !== 'list') {
    reader.say(
      'The section Hooks must be a list of lifecycle events with one function each.',
      section,
    );
    return hooks;
  }
  const known = platform === 'Lambda' ? LAMBDA_HOOKS : ECS_HOOKS;
  for (const item of reader.items(section)) {
    if (item.value.kind !== 'map')
      reader.say('A hook must be a lifecycle event and a function.', item);
    for (const { key, at, value } of item.value.kind === 'map' ? item.value.entries : []) {
      const place = { at, path: [...item.path, key] };
      const event = known.find((name) => name.toLowerCase() === key.toLowerCase());
      if (!event)
        reader.say(
          `The AppSpec file contains unknown lifecycle events: [${key}]. Hooks may be ${known.join(', ')}.`,
          place,
        );
      else if (Object.hasOwn(hooks, event))
        reader.say(`The lifecycle event ${event} has two functions.`, place);
      else if (value.kind !== 'scalar' || value.text.trim() === '')
        reader.say(
          `The lifecycle event ${event} must have the name or ARN of one Lambda function.`,
          place,
        );
      else setOwn(hooks, event, value.text.trim());
    }
  }
  return hooks;
}

const isEmpty = (value: Located) => value.kind === 'scalar' && value.plain && value.text === '';

function specOf(
  reader: Reader,
  { platform, properties }: Resource,
  hooks: Hooks,
): ShiftSpec | undefined {
  return platform === 'Lambda'
    ? lambdaOf(reader, properties, hooks)
    : ecsOf(reader, properties, hooks);
}

function lambdaOf(reader: Reader, properties: Found, hooks: Hooks): LambdaSpec | undefined {
  const functionName = reader.text(properties, 'Name');
  const alias = reader.text(properties, 'Alias');
  const current = versionOf(reader, properties, 'CurrentVersion');
  const target = versionOf(reader, properties, 'TargetVersion');
  if (current !== undefined && current === target)
    reader.say(
      `CurrentVersion and TargetVersion are both ${target}: there is nothing to deploy.`,
      reader.member(properties, 'TargetVersion') ?? properties,
    );
  if (!functionName || !alias || !current || !target) return undefined;
  return { platform: 'Lambda', functionName, alias, current, target, hooks };
}

/** Versions of functions are numbers; $LATEST cannot have weights. */
function versionOf(reader: Reader, properties: Found, key: string): string | undefined {
  const text = reader.text(properties, key);
  if (text === undefined || /^[1-9]\d{0,18}$/.test(text)) return text;
  return reader.say(
    `The property ${key} is ${text}, and must be the number of a published version.`,
    reader.member(properties, key) ?? properties,
  );
}

function ecsOf(reader: Reader, properties: Found, hooks: Hooks): EcsSpec | undefined {
  const taskDefinition = reader.text(properties, 'TaskDefinition');
  const balancer = reader.member(properties, 'LoadBalancerInfo');
  if (balancer?.value.kind !== 'map') {
    reader.say('The property LoadBalancerInfo is missing.', balancer ?? properties);
    return undefined;
  }
  const containerName = reader.text(balancer, 'ContainerName');
  const containerPort = portOf(reader, balancer);
  const platformVersion = reader.text(properties, 'PlatformVersion', { required: false });
  const network = networkOf(reader, properties);
  const capacityProviders = capacityOf(reader, properties);
  if (!taskDefinition || !containerName || !containerPort) return undefined;
  return {
    ...{ platform: 'ECS', taskDefinition, containerName, containerPort, hooks },
    ...(platformVersion !== undefined && { platformVersion }),
    ...(network && { network }),
    ...(capacityProviders && { capacityProviders }),
  };
}

function portOf(reader: Reader, balancer: Found): number | undefined {
  const text = reader.text(balancer, 'ContainerPort');
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  return reader.say(
    `The property ContainerPort is ${text}, and must be a port.`,
    reader.member(balancer, 'ContainerPort') ?? balancer,
  );
}

/** All three or none. */
function networkOf(reader: Reader, properties: Found): NetworkConfiguration | undefined {
  const given = reader.member(properties, 'NetworkConfiguration');
  if (!given) return undefined;
  const vpc = reader.member(given, 'AwsvpcConfiguration');
  if (!vpc) return reader.say('The property AwsvpcConfiguration is missing.', given);
  const subnets = textsOf(reader, vpc, 'Subnets');
  const securityGroups = textsOf(reader, vpc, 'SecurityGroups');
  const assignPublicIp = reader.text(vpc, 'AssignPublicIp');
  if (assignPublicIp !== undefined && assignPublicIp !== 'ENABLED' && assignPublicIp !== 'DISABLED')
    return reader.say(
      `The property AssignPublicIp is ${assignPublicIp}, and must be ENABLED or DISABLED.`,
      reader.member(vpc, 'AssignPublicIp') ?? vpc,
    );
  if (!subnets || !securityGroups || !assignPublicIp) return undefined;
  return { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } };
}

function textsOf(reader: Reader, of: Found, key: string): string[] | undefined {
  const found = reader.member(of, key);
  const items = reader.items(found);
  const texts = items.flatMap(({ value }) =>
    value.kind === 'scalar' && value.text ? value.text : [],
  );
  if (found && texts.length > 0 && texts.length === items.length) return texts;
  return reader.say(`The property ${key} must be a list of strings.`, found ?? of);
}

function capacityOf(reader: Reader, properties: Found): CapacityProviderStrategyItem[] | undefined {
  const given = reader.member(properties, 'CapacityProviderStrategy');
  if (!given) return undefined;
  const items = reader.items(given);
  if (items.length === 0)
    return reader.say('The property CapacityProviderStrategy must be a list.', given);
  return items.map((item) => {
    const capacityProvider = reader.text(item, 'CapacityProvider') ?? '';
    const [base, weight] = [numberOf(reader, item, 'Base'), numberOf(reader, item, 'Weight')];
    return {
      capacityProvider,
      ...(base !== undefined && { base }),
      ...(weight !== undefined && { weight }),
    };
  });
}

function numberOf(reader: Reader, of: Found, key: string): number | undefined {
  const text = reader.text(of, key, { required: false });
  if (text === undefined || /^\d{1,6}$/.test(text))
    return text === undefined ? undefined : Number(text);
  return reader.say(
    `The property ${key} is ${text}, and must be a number.`,
    reader.member(of, key) ?? of,
  );
}

/** What a deployment says of the first thing that is wrong: with its place in the file. */
export const problemText = ({ message, at }: SpecProblem): string =>
  `${message} (line ${at.line}, column ${at.column})`;
