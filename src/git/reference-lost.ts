/** Another server has moved the same reference: nothing that was to change has changed. */
export class ReferenceLostError extends Error {
  override name = 'ReferenceLostError';
  /** Its full name in git's bytes (latin1). */
  readonly reference: string;

  constructor(reference: string) {
    super(`Another server has moved ${Buffer.from(reference, 'latin1')}`);
    this.reference = reference;
  }
}
