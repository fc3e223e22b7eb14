/** A stage of one action of AWS's, which is called as its category and its provider are. @param more of the action: artifacts, a role */
export function stageOf(
  category: 'Source' | 'Build' | 'Deploy',
  provider: string,
  configuration: Record<string, string>,
  more: object,
) {
  const actionTypeId = { category, owner: 'AWS' as const, provider, version: '1' };
  return { name: category, actions: [{ name: provider, actionTypeId, configuration, ...more }] };
}
