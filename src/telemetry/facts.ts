import type { Result } from './span.ts';

/** A pipeline execution that has ended, and what was done for it, as the services' APIs tell. */
export interface ExecutionFacts {
  accountId: string;
  region: string;
  pipeline: string;
  executionId: string;
  /** 1, and one more with each retry of a stage. */
  attempt: number;
  status: string;
  summary?: string;
  /** Where the console shows it. */
  url: string;
  trigger?: string;
  start: Date;
  end: Date;
  actions: ActionFacts[];
}

export interface ActionFacts {
  id: string;
  stage: string;
  name: string;
  category: string;
  provider: string;
  status: string;
  error?: { code?: string; message?: string };
  /** Where the console shows what was done; else the execution. */
  url?: string;
  externalId?: string;
  start: Date;
  end: Date;
  /** Build phases, or targets with their lifecycle events. */
  parts: PartFacts[];
}

/** A part of an action's work that has ended. */
export interface PartFacts {
  /** Tells it from its siblings. */
  id: string;
  name: string;
  result: Result;
  error?: { code?: string; message?: string };
  start: Date;
  end: Date;
  attributes: Record<string, string | undefined>;
  parts?: PartFacts[];
}
