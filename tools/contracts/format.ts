import type { Contract } from '../../src/aws/validate/contract.ts';

/** JSON with one operation or shape a line, so that a change of AWS's shows up as the lines that it touches. */
export function formatContract(contract: Contract): string {
  return [
    '{',
    `"service": ${JSON.stringify(contract.service)},`,
    `"apiVersion": ${JSON.stringify(contract.apiVersion)},`,
    `"operations": ${formatEntries(contract.operations)},`,
    `"shapes": ${formatEntries(contract.shapes)}`,
    '}',
    '',
  ].join('\n');
}

function formatEntries(entries: Record<string, unknown>): string {
  const lines = Object.entries(entries).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return lines.length ? `{\n${lines.join(',\n')}\n}` : '{}';
}
