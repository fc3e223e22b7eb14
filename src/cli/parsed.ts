import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a command line says, or undefined when it says what the command does not take. */
export function parsed<T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> | undefined {
  try {
    return parseArgs(config);
  } catch {
    return undefined;
  }
}
