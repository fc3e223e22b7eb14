/** One policy of all the statements of several, or undefined of none. */
export function joinPolicies(documents: readonly string[]): string | undefined {
  if (documents.length < 2) return documents[0];
  const Statement = documents.flatMap(
    (document) => (JSON.parse(document) as { Statement: object | object[] }).Statement,
  );
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
