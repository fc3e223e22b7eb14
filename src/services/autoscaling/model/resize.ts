import type { Draft } from './draft.ts';

/** The group's sizes are others, for a reason that activities tell. */
export function resize(
  { body }: Draft,
  sizes: { min?: number; max?: number; desired: number },
  why: string,
): void {
  if (sizes.desired !== body.desired) body.why = why;
  // What was asked for by somebody is tried at once.
  if (sizes.desired > body.desired) body.waitsUntil = 0;
  Object.assign(body, sizes);
}
