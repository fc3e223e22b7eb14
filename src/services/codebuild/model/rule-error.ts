/** What is wrong with a project or with a StartBuild's overrides; the message is AWS's where it is known. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}
