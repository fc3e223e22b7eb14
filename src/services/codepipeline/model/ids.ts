import { createHash } from 'node:crypto';

/**
 * Ids that the engine gives are digests of what they name: deciding the same thing twice, as after a
 * serialization conflict, gives the same id, and so the same idempotency token at a provider.
 */
function digest(...parts: (string | number)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/** A version-4-shaped UUID made of `parts`. */
export function uuidOf(...parts: (string | number)[]): string {
  const bytes = digest(...parts).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

export function actionExecutionId(
  executionId: string,
  stage: string,
  action: string,
  attempt: number,
): string {
  return uuidOf('action', executionId, stage, action, attempt);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Key of an artifact in its store: pipeline and artifact cut, then seven characters (CP-C34). Names have
 * no `/`; a name of dots alone would be a path step to who unpacks by key, so dots at its start are replaced.
 */
export function artifactKey(pipeline: string, artifact: string, actionExecution: string): string {
  const random = [...digest('artifact', actionExecution, artifact).subarray(0, 7)]
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('');
  const folder = pipeline.slice(0, 20).replace(/^\.+/, (dots) => '_'.repeat(dots.length));
  return `${folder}/${artifact.slice(0, 10)}/${random}`;
}
