import { setTimeout as passed } from 'node:timers/promises';
import type Docker from 'dockerode';
import { ComputeAway } from '../executor.ts';
import { ANSWER_MS, CONFLICT, statusOf } from './engine.ts';

const NOT_MADE = 'the Docker Engine has begun to make the container, and does not end it';
const LOOK_EVERY_MS = 1000;

/**
 * Makes a container, or waits until it is there. The engine may be at it already, for somebody else who makes the same one, or for a
 * call that was given up: it keeps the name from when it begins, and shows the container once it is made.
 * @returns whether this call made it
 * @throws ComputeAway
 */
export async function createOnce(
  docker: Docker,
  container: Docker.ContainerCreateOptions,
  isThere: () => Promise<boolean>,
  answerMs = ANSWER_MS,
): Promise<boolean> {
  const until = performance.now() + answerMs;
  for (;;) {
    try {
      await docker.createContainer(container);
      return true;
    } catch (error) {
      if (statusOf(error) !== CONFLICT) throw error;
    }
    if (await isThere()) return false;
    if (performance.now() > until) throw new ComputeAway(NOT_MADE);
    await passed(Math.min(LOOK_EVERY_MS, answerMs));
  }
}
