/**
 * One policy of all the statements of several, or undefined of none. Statements have no names in it: they are unique in a policy,
 * and each of these has names of its own.
 */
export function joinPolicies(documents: readonly string[]): string | undefined {
  if (documents.length < 2) return documents[0];
  const Statement = documents.flatMap((document) => {
    const { Version, Statement } = JSON.parse(document) as Document;
    return Version === WITH_VARIABLES ? Statement : withoutVariables(Statement);
  });
  for (const statement of Statement) delete statement.Sid;
  return JSON.stringify({ Version: WITH_VARIABLES, Statement });
}

interface Statement {
  Sid?: string;
}

interface Document {
  Version?: string;
  Statement: Statement | Statement[];
}

const WITH_VARIABLES = '2012-10-17';

/**
 * What an older policy means in a newer one: there `${` begins a variable, and `${$}` is the character.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
 */
const withoutVariables = (statements: Document['Statement']): Document['Statement'] =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what begins a variable of a policy
  JSON.parse(JSON.stringify(statements).replaceAll('${', '${$}{'));
