import { type Call, FUNCTIONS } from './functions.ts';
import { ExpressionError, type Node, type Operator } from './parser.ts';
import { combined, isSeries, listOf, mapValue, type Scope, type Value } from './value.ts';

const truth = (holds: boolean) => (holds ? 1 : 0);

const OPERATIONS: Record<Operator, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
};

/** Arrays of arrays would else double each time: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_SERIES = 500;

/** What an expression is worth. @throws ExpressionError */
export function evaluateNode(node: Node, scope: Scope): Value {
  const value = worthOf(node, scope);
  if (typeof value === 'number') return value;
  const list = isSeries(value) ? [value] : value;
  if (list.length > MOST_SERIES)
    throw new ExpressionError(`It has more than ${MOST_SERIES} time series`);
  for (const { points } of list) scope.spend(points.length);
  return value;
}

function worthOf(node: Node, scope: Scope): Value {
  switch (node.type) {
    case 'number':
      return node.value;
    case 'text':
      throw new ExpressionError(`Unexpected text: ${node.value}`);
    case 'name':
      return scope.lookUp(node.name);
    case 'array':
      return node.items.flatMap((item) => listOf(evaluateNode(item, scope), 'An array'));
    case 'negative':
      return mapValue(evaluateNode(node.of, scope), (value) => -value);
    case 'binary':
      return combined(
        evaluateNode(node.left, scope),
        evaluateNode(node.right, scope),
        OPERATIONS[node.operator],
      );
    default:
      return apply(node, scope);
  }
}

function apply({ name, args }: Extract<Node, { type: 'call' }>, scope: Scope): Value {
  const operation = FUNCTIONS.get(name);
  if (!operation) throw new ExpressionError(`Unknown function: ${name}`);
  const call: Call = {
    args,
    scope,
    value(index) {
      const arg = args[index];
      if (!arg) throw new ExpressionError(`${name} takes more arguments`);
      return evaluateNode(arg, scope);
    },
    word(index) {
      const arg = args[index];
      return arg?.type === 'name' ? arg.name.toUpperCase() : undefined;
    },
  };
  return operation(call);
}
