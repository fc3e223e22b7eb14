import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidStage, invalidStructure } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Place, validateAction } from './action-rules.ts';
import { validateFlow } from './artifact-flow.ts';
import type { Pipeline, Stage } from './declaration.ts';
import { usesV2 } from './declaration.ts';
import { validateTriggers } from './trigger-rules.ts';

/**
 * Checks a pipeline's structure (CP-A25..A37).
 * @throws InvalidStructureException, InvalidStageDeclarationException, InvalidActionDeclarationException
 */
export function validateStructure(pipeline: Pipeline, place: Place): void {
  validateShape(pipeline);
  validateType(pipeline);
  validateStores(pipeline, place);
  validateNotBuilt(pipeline);
  validateTriggers(pipeline, place.actionTypes);
  for (const stage of pipeline.stages) {
    for (const action of stage.actions) validateAction(action, place);
  }
  validateFlow(pipeline);
}

function validateShape(pipeline: Pipeline): void {
  const { stages } = pipeline;
  if (stages.length < limits.minStages) {
    throw invalidStructure(
      `Pipeline has only ${stages.length} stage(s). There should be a minimum of ${limits.minStages} stages in a pipeline`,
    );
  }
  if (stages.length > limits.maxStages) {
    throw invalidStructure(
      `Pipeline has ${stages.length} stages. There should be a maximum of ${limits.maxStages} stages in a pipeline`,
    );
  }
  const isSource = (stage: Stage) => stage.actions.map((a) => a.actionTypeId.category === 'Source');
  const first = stages[0];
  if (!first || first.actions.length === 0 || !isSource(first).every(Boolean)) {
    throw invalidStructure('Pipeline should start with a stage that only contains source actions');
  }
  for (const stage of stages.slice(1)) {
    if (isSource(stage).some(Boolean)) {
      throw invalidStructure(
        `Source actions are only allowed in the first stage: stage '${stage.name}' contains one`,
      );
    }
  }
  if (stages.reduce((sum, s) => sum + s.actions.length, 0) > limits.maxActionsPerPipeline) {
    throw invalidStructure(`Pipeline has more than ${limits.maxActionsPerPipeline} actions`);
  }
  validateNames(stages);
}

function validateNames(stages: Stage[]): void {
  const names = new Set<string>();
  for (const stage of stages) {
    if (names.has(stage.name)) {
      throw invalidStage(`Stage names must be unique in a pipeline: '${stage.name}' is used twice`);
    }
    names.add(stage.name);
    if (stage.actions.length === 0) {
      throw invalidStage(`Stage '${stage.name}' must have at least one action`);
    }
    if (stage.actions.length > limits.maxActionsPerStage) {
      throw invalidStage(
        `Stage '${stage.name}' has more than the maximum number of actions (${limits.maxActionsPerStage})`,
      );
    }
  }
}

function validateType(pipeline: Pipeline): void {
  if (pipeline.pipelineType === 'V1' && usesV2(pipeline)) {
    throw invalidStructure(
      'Pipelines of type V1 cannot have an execution mode other than SUPERSEDED, triggers, variables or stage conditions: they need pipeline type V2',
    );
  }
  const names = (pipeline.variables ?? []).map((v) => v.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalidStructure(`Pipeline variable names must be unique: '${twice}' is declared twice`);
  }
}

function validateStores(pipeline: Pipeline, place: Place): void {
  if (!pipeline.artifactStore === !pipeline.artifactStores) {
    throw invalidStructure(
      'You must include either artifactStore or artifactStores in your pipeline, but you cannot use both',
    );
  }
  if (pipeline.artifactStores && !ownValue(pipeline.artifactStores, place.region)) {
    throw invalidStructure(
      `artifactStores must contain an artifact store for the pipeline's region '${place.region}'`,
    );
  }
}

/** What AWS accepts and Slipway cannot do yet is refused by name. */
function validateNotBuilt(pipeline: Pipeline): void {
  if (pipeline.executionMode !== 'SUPERSEDED') {
    throw unsupported(`the execution mode ${pipeline.executionMode}`);
  }
  for (const stage of pipeline.stages) {
    for (const member of ['beforeEntry', 'onSuccess', 'onFailure'] as const) {
      if (stage[member] !== undefined) {
        throw unsupported(
          `stage conditions, automatic rollback and retry (${member} of stage '${stage.name}')`,
        );
      }
    }
  }
}
