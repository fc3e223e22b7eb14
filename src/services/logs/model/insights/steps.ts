import { type Circumstances, compileExpression } from './evaluate.ts';
import { compileExtraction } from './patterns.ts';
import type { Step } from './segments.ts';
import type { Stage } from './stage.ts';
import type { Selected } from './syntax.ts';
import { isTrue, toText, type Value } from './values.ts';

/** The stage that does these steps with each row before the next one gets it. @throws QueryError */
export function withSteps(steps: Step[], last: Stage, given: Circumstances): Stage {
  return steps.reduceRight((next, step) => withStep(step, next, given), last);
}

function withStep(step: Step, next: Stage, given: Circumstances): Stage {
  switch (step.kind) {
    case 'filter': {
      const condition = compileExpression(step.condition, given);
      return {
        add(row, timestamp) {
          if (isTrue(condition(row))) next.add(row, timestamp);
        },
        end: () => next.end(),
      };
    }
    case 'fields':
    case 'display':
      return adding(step.selected, next, given);
    case 'parse':
      return parsing(step, next, given);
    case 'unnest':
      return unnesting(step, next, given);
  }
}

function adding(selected: Selected[], next: Stage, given: Circumstances): Stage {
  const made = selected
    .filter(({ name, expression }) => expression.kind !== 'field' || expression.name !== name)
    .map(({ name, expression }) => ({ name, value: compileExpression(expression, given) }));
  if (made.length === 0) return next;
  return {
    add(row, timestamp) {
      next.add(row.with(made.map(({ name, value }) => [name, value(row)])), timestamp);
    },
    end: () => next.end(),
  };
}

function parsing(step: Extract<Step, { kind: 'parse' }>, next: Stage, given: Circumstances): Stage {
  const source = compileExpression(step.source, given);
  const { names, extract } = compileExtraction(step.pattern, step.names);
  return {
    add(row, timestamp) {
      const text = toText(source(row));
      const found = text === undefined ? undefined : extract(text);
      const fields = found && names.map((name, index): [string, Value] => [name, found[index]]);
      next.add(fields ? row.with(fields) : row, timestamp);
    },
    end: () => next.end(),
  };
}

/** A row for each item of a list; rows without a list have none. */
function unnesting(
  { source, name }: Extract<Step, { kind: 'unnest' }>,
  next: Stage,
  given: Circumstances,
): Stage {
  const list = compileExpression(source, given);
  return {
    add(row, timestamp) {
      const items = list(row);
      if (!Array.isArray(items)) return;
      for (const item of items) next.add(row.with([[name, item ?? undefined]]), timestamp);
    },
    end: () => next.end(),
  };
}
