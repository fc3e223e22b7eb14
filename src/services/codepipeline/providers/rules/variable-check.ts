import { RE2JS } from 're2js';
import { compileLinear } from '../../../../lib/linear-pattern.ts';
import { invalidAction } from '../../errors.ts';
import { defineRuleType, requiredSetting, ruleFailed } from '../action-type.ts';
import { ActionFailure } from '../failure.ts';

/** Of a regular expression's automaton. */
const MAX_STATES = 10_000;
const OPERATORS = ['EQ', 'NE', 'CONTAINS', 'MATCHES'] as const;

/** Compares a variable's value (CP-C28). MATCHES takes RE2's syntax, of the whole value as Java does. */
export const variableCheck = defineRuleType({
  provider: 'VariableCheck',
  inputs: [0, 0],
  timeoutMinutes: 5,
  configuration: [
    { name: 'Variable', required: true, key: true, description: 'The variable, as #{ns.name}.' },
    { name: 'Value', required: true, description: 'What it is compared with.' },
    { name: 'Operator', required: true, values: OPERATORS, description: 'How it is compared.' },
  ],
  rules({ name, configuration: { Operator: operator, Value: value = '' } }) {
    if (operator !== 'MATCHES' || value.includes('#{')) return;
    const wrong = wrongExpression(value);
    if (wrong)
      throw invalidAction(
        `Action configuration for action '${name}' has an invalid 'Value': ${wrong}`,
      );
  },

  async start(job) {
    const variable = requiredSetting(job, 'Variable');
    const value = requiredSetting(job, 'Value');
    const operator = requiredSetting(job, 'Operator');
    if (holds(operator, variable, value)) return { state: 'succeeded' };
    const { Variable: name } = job.run.input.configuration;
    return ruleFailed(`The variable check ${name} ${operator} '${value}' failed`);
  },
});

function holds(operator: string, variable: string, value: string): boolean {
  if (operator === 'EQ') return variable === value;
  if (operator === 'NE') return variable !== value;
  if (operator === 'CONTAINS') return variable.includes(value);
  const wrong = wrongExpression(value);
  if (wrong) throw new ActionFailure('ConfigurationError', wrong);
  return RE2JS.compile(value).matches(variable);
}

function wrongExpression(value: string): string | undefined {
  try {
    compileLinear(value, MAX_STATES);
    return undefined;
  } catch (error) {
    return `the regular expression cannot be used: ${(error as Error).message}`;
  }
}
