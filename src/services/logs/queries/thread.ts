import { parentPort } from 'node:worker_threads';
import { QueryTooLargeError } from '../model/insights/held.ts';
import { Looking, type Outcome, type Page, type Question } from './looking.ts';

// A thread that runs one query at a time: threads.ts has the other side.

export type Job = { question: Question } | { page: Page } | { end: true };

export type Answer =
  | { oldestFirst: boolean }
  /** Whether more is wanted. */
  | { more: boolean }
  | { outcome: Outcome }
  | { error: string; tooLarge: boolean };

let looking: Looking | undefined;

function answer(job: Job): Answer {
  if ('question' in job) {
    looking = new Looking(job.question);
    return { oldestFirst: looking.oldestFirst };
  }
  if (!looking) throw new Error('No question was asked');
  if ('page' in job) return { more: looking.look(job.page) };
  const outcome = looking.end();
  looking = undefined;
  return { outcome };
}

parentPort?.on('message', (job: Job) => {
  try {
    parentPort?.postMessage(answer(job));
  } catch (error) {
    const tooLarge = error instanceof QueryTooLargeError;
    parentPort?.postMessage({ error: String(error), tooLarge });
  }
});
