import { compilePattern } from './patterns.ts';
import type { Command, Expression } from './syntax.ts';

/** As they lie in stored JSON, character for character. */
const SAME_IN_JSON = /^[ !#-[\]-~]+$/;

/** Texts that the message of every event that a query wants contains, as far as they can be told. */
export function neededTexts(commands: Command[]): string[] {
  const texts: string[] = [];
  for (const command of commands) {
    if (command.kind === 'filter') {
      for (const text of neededBy(command.condition)) if (SAME_IN_JSON.test(text)) texts.push(text);
    } else if (!keepsMessage(command)) break;
  }
  return texts;
}

/** Whether the commands behind it see all events, and their messages as they are. */
function keepsMessage(command: Command): boolean {
  if (command.kind === 'sort') return true;
  if (command.kind !== 'fields' && command.kind !== 'display') return false;
  return command.selected.every(({ name }) => name !== '@message');
}

function neededBy(condition: Expression): string[] {
  if (condition.kind === 'binary' && condition.operator === 'and')
    return [...neededBy(condition.left), ...neededBy(condition.right)];
  if (condition.kind === 'like' && isMessage(condition.operand))
    return [compilePattern(condition.pattern).needs].filter((text) => text !== '');
  return [];
}

const isMessage = (expression: Expression) =>
  expression.kind === 'field' && expression.name === '@message';
