/** The key of one object of an export. @param part from 0 on */
export function objectKey(prefix: string, taskId: string, stream: string, part: number): string {
  // A stream's name is one step of the path.
  const name = stream.replaceAll('/', '-');
  return `${prefix}/${taskId}/${name}/${String(part).padStart(6, '0')}.gz`;
}

/** What AWS writes into a bucket to see whether it may. */
export const testKey = (prefix: string) => `${prefix}/aws-logs-write-test`;
export const TEST_TEXT = 'Permission Check Successful';

/** An event as a line of an exported object. */
export function exportedLine({
  timestamp,
  message,
}: {
  timestamp: number;
  message: string;
}): string {
  return `${new Date(timestamp).toISOString()} ${message}\n`;
}
