interface BuildEnvironmentVariable {
  name: string;
  value: string;
  type: 'PLAINTEXT' | 'PARAMETER_STORE' | 'SECRETS_MANAGER';
}

/** The variables of a CodeBuild action's EnvironmentVariables, or what is wrong with it (CP-B6). */
export function parseEnvironment(text: string): BuildEnvironmentVariable[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not valid JSON';
  }
  if (!Array.isArray(value)) return 'must be a JSON array of objects with name, value and type';
  const variables: BuildEnvironmentVariable[] = [];
  for (const entry of value as Record<string, unknown>[]) {
    const type = entry?.type ?? 'PLAINTEXT';
    if (typeof entry?.name !== 'string' || typeof entry.value !== 'string') {
      return 'must be a JSON array of objects with name, value and type';
    }
    if (type !== 'PLAINTEXT' && type !== 'PARAMETER_STORE' && type !== 'SECRETS_MANAGER') {
      return `has the type '${String(type)}' for '${entry.name}'; it must be one of: PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER`;
    }
    variables.push({ name: entry.name, value: entry.value, type });
  }
  return variables;
}
