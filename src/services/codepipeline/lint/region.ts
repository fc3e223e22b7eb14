import type { Pipeline } from '../model/declaration.ts';

const USUAL = 'us-east-1';

/**
 * The region that a pipeline is for, which no definition says: that of its source actions where they name one (CP-A35),
 * or one that has a store and no action of its own (CP-A34).
 * @param given by who knows
 */
export function regionOf(pipeline: Pipeline, given: string | undefined): string {
  if (given !== undefined) return given;
  const source = pipeline.stages[0]?.actions.find((action) => action.region !== undefined)?.region;
  if (source !== undefined) return source;
  const stores = Object.keys(pipeline.artifactStores ?? {});
  if (stores.length === 0 || stores.includes(USUAL)) return USUAL;
  const named = new Set(pipeline.stages.flatMap((s) => s.actions.map((a) => a.region)));
  return stores.find((region) => !named.has(region)) ?? stores[0] ?? USUAL;
}
