/** A policy document that AWS refuses to store; the message is MalformedPolicyDocument's. */
export class MalformedPolicy extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedPolicy';
  }
}
