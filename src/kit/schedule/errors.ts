/** What is no schedule expression, with what is wrong about it. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export const refuse = (reason: string): never => {
  throw new ScheduleError(reason);
};
