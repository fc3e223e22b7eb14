import type {
  ActionTypeDeclaration,
  CreateCustomActionTypeInput,
} from '@aws-sdk/client-codepipeline';
import type { ActionFacts, ConfigurationKey, Link, Worker } from './action-type.ts';
import type { ActionTypeId } from './declaration.ts';

// Action types that people make: custom ones, and those of third parties. Their work is done by job workers.

/** A custom action type as it was created, without its id and tags. */
export type CustomDefinition = Pick<
  CreateCustomActionTypeInput,
  'settings' | 'configurationProperties' | 'inputArtifactDetails' | 'outputArtifactDetails'
>;

/** What makes an action type what it is, as whoever made it said it. */
export type Definition =
  | { custom: CustomDefinition }
  | { declared: Omit<ActionTypeDeclaration, 'id'> };

export interface MadeType {
  id: ActionTypeId;
  /** Who made it. */
  accountId: string;
  definition: Definition;
}

/** Custom actions have a day, whoever works on them (CP-B30). */
const TIMEOUT_MINUTES = 24 * 60;

/** A made action type in the form in which all others are. */
export function factsOf({ id, accountId, definition }: MadeType): ActionFacts {
  const { inputs, outputs } = countsOf(definition);
  const { revisionUrlTemplate, ...urls } = urlsOf(definition);
  return {
    ...{ categories: [id.category], owner: id.owner, provider: id.provider, version: id.version },
    ...{ inputs, outputs },
    configuration: propertiesOf(definition),
    timeoutMinutes: TIMEOUT_MINUTES,
    outputVariables: 'any',
    links: {
      ...link('entity', urls.entityUrlTemplate),
      ...link('execution', urls.executionUrlTemplate),
      ...link('revision', revisionUrlTemplate),
    },
    worker: workerOf(accountId, definition),
  };
}

const link = (name: string, address: string | undefined): Record<string, Link> =>
  address === undefined ? {} : { [name]: { address } };

function countsOf(definition: Definition) {
  const { inputArtifactDetails: i, outputArtifactDetails: o } = bodyOf(definition);
  return {
    inputs: [i?.minimumCount ?? 0, i?.maximumCount ?? 0],
    outputs: [o?.minimumCount ?? 0, o?.maximumCount ?? 0],
  } as const;
}

const bodyOf = (definition: Definition) =>
  'custom' in definition ? definition.custom : definition.declared;

export function urlsOf(definition: Definition) {
  return ('custom' in definition ? definition.custom.settings : definition.declared.urls) ?? {};
}

function propertiesOf(definition: Definition): ConfigurationKey[] {
  if ('custom' in definition)
    return (definition.custom.configurationProperties ?? []).map((property) => ({
      name: property.name ?? '',
      description: property.description ?? '',
      required: property.required ?? false,
      key: property.key ?? false,
      secret: property.secret ?? false,
      queryable: property.queryable ?? false,
      type: property.type ?? 'String',
    }));
  return (definition.declared.properties ?? []).map((property) => ({
    name: property.name ?? '',
    description: property.description ?? '',
    required: property.optional !== true,
    key: property.key ?? false,
    secret: property.noEcho ?? false,
    queryable: property.queryable ?? false,
  }));
}

function workerOf(accountId: string, definition: Definition): Worker {
  if ('custom' in definition)
    return {
      ...{ accountId, pollingAccounts: [], pollingServicePrincipals: [] },
      allowedAccounts: [accountId],
    };
  const { executor, permissions } = definition.declared;
  const polling = executor?.configuration?.jobWorkerExecutorConfiguration;
  return {
    accountId,
    pollingAccounts: polling?.pollingAccounts ?? [],
    pollingServicePrincipals: polling?.pollingServicePrincipals ?? [],
    jobSeconds: executor?.jobTimeout,
    allowedAccounts: [accountId, ...(permissions?.allowedAccounts ?? [])],
  };
}

/** May this account's pipelines have actions of the type? */
export const mayUse = ({ worker }: ActionFacts, accountId: string): boolean =>
  !worker || worker.allowedAccounts.some((allowed) => allowed === '*' || allowed === accountId);

/** The property by whose value workers ask for jobs, if the type has one. */
export const queryableOf = ({ configuration }: ActionFacts): ConfigurationKey | undefined =>
  configuration.find((key) => key.queryable);

/** Of a third party's action: by what its worker shows that it works for that customer. */
export const CLIENT_TOKEN = 'ClientToken';
/** Its other half, where the type has it: a UUID. */
export const CLIENT_ID = 'ClientId';
