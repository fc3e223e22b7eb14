import type { AwsEvent, EventPattern } from '../../../engine/events.ts';
import { ownValue } from '../../../lib/own.ts';
import type { Action, ActionTypeId, Pipeline, SourceOverride, Trigger } from './declaration.ts';
import { type Change, isFiltering, triggerOf } from './triggers.ts';

// What an action type says of itself, as far as decisions look at it. Who does its work: providers/action-type.ts.

/** One configuration key of an action type. */
export interface ConfigurationKey {
  name: string;
  description: string;
  required?: boolean;
  /** The value identifies the resource that the action works on. */
  key?: boolean;
  /** The value is masked in every answer (CP-A45). */
  secret?: boolean;
  queryable?: boolean;
  /** String where it is absent; a Boolean is `true` or `false`. */
  type?: 'String' | 'Number' | 'Boolean';
  /** What the action does where the pipeline says nothing. */
  default?: string;
  /** The only values that it may have. */
  values?: readonly string[];
  /** What AWS does and Slipway does not yet: these values, or any but `false`. */
  unsupported?: true | readonly string[];
}

/** Members of an action, beside its configuration, that only some types have. */
export type ActionMember =
  | 'commands'
  | 'outputVariables'
  | 'environmentVariables'
  | 'outputArtifacts.files';

/** Which of these members a type takes, and which it cannot do without. */
export type Members = Readonly<Partial<Record<ActionMember, 'optional' | 'required'>>>;

/**
 * Where the console shows something: a service's console and a fragment in it, or an address. Both are templates of
 * `{Config:NAME}` and `{ExternalExecutionId}`.
 */
export type Link = { console: string; fragment: string } | { address: string };

/** A configuration value, or its key's default. */
export type Setting = (name: string) => string | undefined;

/** What a source action watches: a repository and its branch, a bucket and its key. */
export interface Watched {
  resource: string | undefined;
  item: string | undefined;
}

/** How a change of a source starts the pipelines that watch it. */
export interface Watching {
  /** Of the subscription `codepipeline/NAME`: unique and stable. */
  name: string;
  pattern: EventPattern;
  /** What an action with this configuration watches, whether it is told to or not. */
  source(setting: Setting): Watched;
  /** Is it told to, where no trigger says otherwise? Default: always. */
  detects?(setting: Setting): boolean;
  /** AWS polls for its changes, but for what a trigger asks for, and not for ever (CP-A50). */
  polled?: true;
  /** The Region of what it watches; default: the pipeline's. */
  region?(resource: string): string | undefined;
  /** The resource of what an event is about: whoever makes it looks at a repository again and again, for those who want it. */
  about?(about: string): string;
  /** What triggers can say of its changes beside `item`; absent: it can have none. */
  triggers?: readonly ('push' | 'pull-request')[];
  changed(event: Pick<AwsEvent, 'detail' | 'detail-type'>): Changed;
}

/** What an event tells of a source; without an item it is of something that only triggers can ask for. */
export interface Changed extends Watched {
  /** To which revision, if the event knows it. */
  revision?: Omit<SourceOverride, 'actionName'>;
  /** What triggers decide about. */
  change?: Change;
  /** The execution's, default: that it was polled for. */
  trigger?: Trigger;
}

export interface ActionFacts {
  /** An action type of each of these categories. */
  categories: readonly ActionTypeId['category'][];
  owner: ActionTypeId['owner'];
  provider: string;
  version: string;
  inputs: readonly [min: number, max: number];
  outputs: readonly [min: number, max: number];
  configuration: readonly ConfigurationKey[];
  /** What its keys cannot say. @throws InvalidActionDeclarationException */
  rules?(action: Action): void;
  members?: Members;
  /** How long an action may take before it fails. */
  timeoutMinutes: number;
  /** A key by which its configuration says less: minutes. */
  timeoutKey?: string;
  /** The output variables that it has; absent: none. */
  outputVariables?: readonly string[] | 'any';
  /** Source actions: the revisions that StartPipelineExecution may ask for, some only where a key is `true` (CP-C10). */
  revisions?: Readonly<
    Partial<Record<SourceOverride['revisionType'], { allowedBy?: string | undefined }>>
  >;
  watches?: Watching;
  /** What it works on, what its provider did, and the revision that it found. */
  links?: { entity?: Link; execution?: Link; revision?: Link };
  /** Its work is a job that somebody is told of, and that fails after so long without a word (CP-B24). */
  jobSeconds?: number;
  /** Where job workers do the work. */
  worker?: Worker;
}

/** Who may poll for the jobs of an action type that somebody made. */
export interface Worker {
  /** Whose it is. */
  accountId: string;
  pollingAccounts: readonly string[];
  pollingServicePrincipals: readonly string[];
  /** How long one job may be worked on; absent: as long as the action may take. */
  jobSeconds?: number | undefined;
  /** The accounts whose pipelines may use it. */
  allowedAccounts: readonly string[];
}

/** What AWS has and Slipway has not built, by `category/owner/provider`, and what it would take. */
export type NotBuilt = Readonly<Record<string, { members?: Members; lacks: string }>>;

/** All action types. */
export interface Catalogue {
  actionTypes: readonly ActionFacts[];
  notBuilt: NotBuilt;
}

export function findActionType<T extends ActionFacts>(
  types: readonly T[],
  id: ActionTypeId,
): T | undefined {
  return types.find(
    (type) =>
      type.provider === id.provider &&
      type.categories.includes(id.category) &&
      type.owner === id.owner &&
      type.version === id.version,
  );
}

/** The ids that a declaration stands for, one for each of its categories. */
export function idsOf({ categories, owner, provider, version }: ActionFacts): ActionTypeId[] {
  return categories.map((category) => ({ category, owner, provider, version }));
}

/** Reads a configuration, with the defaults of the type's keys. */
export function settingsOf(
  type: Pick<ActionFacts, 'configuration'>,
  configuration: Readonly<Record<string, string>>,
): Setting {
  return (name) =>
    ownValue(configuration, name) ?? type.configuration.find((key) => key.name === name)?.default;
}

/** A source whose changes start the pipeline, as the store keeps it. */
export interface PipelineSource {
  actionName: string;
  provider: string;
  resource: string;
  item: string;
  /** Default: the pipeline's. */
  region?: string;
}

/** Stands as the item of a source whose changes a trigger decides about. */
export const ANY_ITEM = '*';

/** The sources whose changes start this pipeline (CP-C39). */
export function watchedSources(
  types: readonly ActionFacts[],
  pipeline: Pipeline,
): PipelineSource[] {
  return (pipeline.stages[0]?.actions ?? []).flatMap((action) => {
    const type = findActionType(types, action.actionTypeId);
    const setting = type && settingsOf(type, action.configuration);
    if (!type?.watches || !setting) return [];
    const { resource, item } = type.watches.source(setting);
    if (!resource || !item) return [];
    const trigger = triggerOf(pipeline, action.name);
    if (!trigger && type.watches.detects?.(setting) === false) return [];
    const region = type.watches.region?.(resource);
    return [
      {
        ...{ actionName: action.name, provider: type.provider, resource },
        item: trigger && isFiltering(trigger) ? ANY_ITEM : item,
        ...(region !== undefined && { region }),
      },
    ];
  });
}
