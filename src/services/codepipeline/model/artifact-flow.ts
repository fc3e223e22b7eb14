import { invalidAction, invalidStructure } from '../errors.ts';
import type { Action, Pipeline } from './declaration.ts';
import { InvalidReference, RESERVED_NAMESPACES, referencesIn } from './variables.ts';

/**
 * Checks what flows between actions: artifacts (CP-A29), namespaces and variable references (CP-A36).
 * An action may use only what an earlier action makes: of an earlier stage, or of a lower runOrder.
 */
export function validateFlow(pipeline: Pipeline): void {
  const flow: Flow = {
    artifacts: new Map(),
    namespaces: new Set(),
    variables: new Set((pipeline.variables ?? []).map((v) => v.name)),
  };
  const allArtifacts = new Set(
    pipeline.stages.flatMap((s) => s.actions).flatMap((a) => a.outputArtifacts.map((o) => o.name)),
  );
  for (const stage of pipeline.stages) {
    validateActionNames(stage.name, stage.actions);
    for (const group of runOrderGroups(stage.actions)) {
      for (const action of group) validateUses(action, flow);
      for (const action of group) addMade(action, flow, allArtifacts);
    }
  }
}

/** Action types that clone what an artifact of the format CODEBUILD_CLONE_REF refers to (CP-B31). */
const BUILDS = ['CodeBuild', 'Commands', 'ECRBuildAndPublish'];

interface Flow {
  /** Artifact name to the action that makes it. */
  artifacts: Map<string, Action>;
  namespaces: Set<string>;
  variables: Set<string>;
}

/** The actions of a stage in the order of their groups: those of one group run in parallel (CP-A8). */
export function runOrderGroups(actions: readonly Action[]): Action[][] {
  const groups = new Map<number, Action[]>();
  for (const action of actions) {
    groups.set(action.runOrder, [...(groups.get(action.runOrder) ?? []), action]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function validateActionNames(stage: string, actions: Action[]): void {
  const names = actions.map((action) => action.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalidAction(
      `Action names must be unique in a stage: '${twice}' is used twice in stage '${stage}'`,
    );
  }
}

function validateUses(action: Action, flow: Flow): void {
  const used = new Set<string>();
  for (const { name } of action.inputArtifacts) {
    const maker = flow.artifacts.get(name);
    if (!maker) {
      throw invalidAction(
        `Action '${action.name}' has the input artifact '${name}', which is not an output artifact of an earlier action`,
      );
    }
    const format = maker.configuration.OutputArtifactFormat;
    if (format === 'CODEBUILD_CLONE_REF' && !BUILDS.includes(action.actionTypeId.provider)) {
      throw invalidAction(
        `Action '${action.name}' has the input artifact '${name}', which is a reference to a repository (CODEBUILD_CLONE_REF): only CodeBuild can use it`,
      );
    }
    if (used.has(name)) {
      throw invalidAction(`Action '${action.name}' declares the input artifact '${name}' twice`);
    }
    used.add(name);
  }
  for (const value of Object.values(action.configuration)) validateReferences(action, value, flow);
  for (const { value } of (action.environmentVariables ?? []) as { value: string }[])
    validateReferences(action, value, flow);
}

function validateReferences(action: Action, value: string, flow: Flow): void {
  try {
    for (const { namespace, key } of referencesIn(value)) {
      if (namespace === 'codepipeline') {
        if (key !== 'PipelineExecutionId')
          throw new InvalidReference(unknown(action, namespace, key));
      } else if (namespace === 'variables') {
        if (!flow.variables.has(key)) throw new InvalidReference(unknown(action, namespace, key));
      } else if (!flow.namespaces.has(namespace)) {
        throw new InvalidReference(
          `Action '${action.name}' refers to the namespace '${namespace}', which no earlier action has`,
        );
      }
    }
  } catch (error) {
    if (error instanceof InvalidReference) throw invalidAction(error.message);
    throw error;
  }
}

const unknown = (action: Action, namespace: string, key: string) =>
  `Action '${action.name}' refers to the variable '${namespace}.${key}', which does not exist`;

function addMade(action: Action, flow: Flow, allArtifacts: Set<string>): void {
  for (const { name } of action.outputArtifacts) {
    if (flow.artifacts.has(name)) {
      throw invalidStructure(
        `Output artifact names must be unique within a pipeline: '${name}' is made by '${flow.artifacts.get(name)?.name}' and '${action.name}'`,
      );
    }
    flow.artifacts.set(name, action);
  }
  const { namespace } = action;
  if (namespace === undefined) return;
  if (RESERVED_NAMESPACES.includes(namespace)) {
    throw invalidAction(`Action '${action.name}': the namespace '${namespace}' is reserved`);
  }
  if (flow.namespaces.has(namespace)) {
    throw invalidAction(
      `Namespaces must be unique within a pipeline: '${namespace}' is used twice, again by action '${action.name}'`,
    );
  }
  if (allArtifacts.has(namespace)) {
    throw invalidAction(
      `Action '${action.name}': the namespace '${namespace}' is also the name of an artifact`,
    );
  }
  flow.namespaces.add(namespace);
}
