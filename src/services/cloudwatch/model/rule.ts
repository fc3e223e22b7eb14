import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { parseArn } from '../../../aws/arn.ts';

/** A composite alarm's rule as a tree. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
export type Rule =
  | { type: 'constant'; value: boolean }
  | { type: 'state'; state: StateValue; alarm: string }
  | { type: 'not'; of: Rule }
  | { type: 'and' | 'or'; of: Rule[] }
  | {
      type: 'least';
      least: number;
      percent: boolean;
      negated: boolean;
      state: StateValue;
      alarms: string[];
    };

/** A rule that is none: what is wrong with it. */
export class RuleError extends Error {}

const TOKEN = /\s*(?:([(),])|"((?:[^"\\]|\\.)*)"|([^\s(),"]+))/y;
interface Token {
  text: string;
  quoted: boolean;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const whole = text.trimEnd();
  for (let at = 0; at < whole.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(whole);
    if (!found) throw new RuleError(`AlarmRule has an error at: ${whole.slice(at, at + 20)}`);
    const [, sign, quoted, word] = found;
    if (quoted !== undefined)
      tokens.push({ text: quoted.replaceAll(/\\(.)/g, '$1'), quoted: true });
    else tokens.push({ text: sign ?? word ?? '', quoted: false });
  }
  return tokens;
}

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const DEEPEST = 100;

/** Alarms are told by name, also where the rule has their ARNs. @throws RuleError */
export function parseRule(text: string): Rule {
  const reader = new RuleReader(tokensOf(text));
  const rule = reader.any();
  reader.end();
  return rule;
}

class RuleReader {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const left = this.#tokens[this.#at];
    if (left) throw new RuleError(`AlarmRule has an unexpected ${left.text}`);
  }

  #takes(word: string): boolean {
    const next = this.#tokens[this.#at];
    if (!next || next.quoted || next.text !== word) return false;
    this.#at += 1;
    return true;
  }

  #expects(sign: string): void {
    if (this.#takes(sign)) return;
    throw new RuleError(
      `AlarmRule lacks ${sign} before ${this.#tokens[this.#at]?.text ?? 'its end'}`,
    );
  }

  #next(): Token {
    const next = this.#tokens[this.#at];
    if (!next) throw new RuleError('AlarmRule ends too early');
    this.#at += 1;
    return next;
  }

  any(): Rule {
    const of = [this.#all()];
    while (this.#takes('OR')) of.push(this.#all());
    return of.length === 1 ? (of[0] as Rule) : { type: 'or', of };
  }

  #all(): Rule {
    const of = [this.#one()];
    while (this.#takes('AND')) of.push(this.#one());
    return of.length === 1 ? (of[0] as Rule) : { type: 'and', of };
  }

  #one(): Rule {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new RuleError('AlarmRule is nested too deeply');
    const rule = this.#simple();
    this.#depth -= 1;
    return rule;
  }

  #simple(): Rule {
    if (this.#takes('NOT')) return { type: 'not', of: this.#one() };
    if (this.#takes('(')) {
      const inner = this.any();
      this.#expects(')');
      return inner;
    }
    const { text } = this.#next();
    if (text === 'TRUE' || text === 'FALSE') return { type: 'constant', value: text === 'TRUE' };
    if (text === 'AT_LEAST') return this.#least();
    if (!STATES.includes(text)) throw new RuleError(`AlarmRule has an unknown function: ${text}`);
    this.#expects('(');
    const alarm = this.#alarm();
    this.#expects(')');
    return { type: 'state', state: text as StateValue, alarm };
  }

  #alarm(): string {
    const { text, quoted } = this.#next();
    if (!quoted && /^[(),]$/.test(text))
      throw new RuleError('AlarmRule lacks the name of an alarm');
    const arn = parseArn(text);
    return arn?.service === 'cloudwatch' ? arn.resource.replace(/^alarm:/, '') : text;
  }

  #least(): Rule {
    this.#expects('(');
    const [, digits, sign] = /^(\d{1,3})(%?)$/.exec(this.#next().text) ?? [];
    if (digits === undefined) throw new RuleError('AT_LEAST takes a number or percentage');
    this.#expects(',');
    const negated = this.#takes('NOT');
    const state = this.#next().text;
    if (!STATES.includes(state)) throw new RuleError(`AlarmRule has an unknown state: ${state}`);
    this.#expects(',');
    this.#expects('(');
    const alarms = [this.#alarm()];
    while (this.#takes(',')) alarms.push(this.#alarm());
    this.#expects(')');
    this.#expects(')');
    const least = { least: Number(digits), percent: sign === '%', negated };
    return { type: 'least', ...least, state: state as StateValue, alarms };
  }
}

/** The alarms that a rule looks at, each once. */
export function alarmsIn(rule: Rule): string[] {
  const found = new Set<string>();
  const visit = (each: Rule): void => {
    if (each.type === 'state') found.add(each.alarm);
    if (each.type === 'least') for (const alarm of each.alarms) found.add(alarm);
    if (each.type === 'not') visit(each.of);
    if (each.type === 'and' || each.type === 'or') each.of.forEach(visit);
  };
  visit(rule);
  return [...found];
}

/** Does the rule hold? What an alarm that is gone is in, is no state. */
export function holds(rule: Rule, states: ReadonlyMap<string, StateValue>): boolean {
  switch (rule.type) {
    case 'constant':
      return rule.value;
    case 'state':
      return states.get(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.of, states);
    case 'and':
      return rule.of.every((each) => holds(each, states));
    case 'or':
      return rule.of.some((each) => holds(each, states));
    default: {
      const { alarms, state, negated, least, percent } = rule;
      const count = alarms.filter((alarm) => (states.get(alarm) === state) !== negated).length;
      return count >= (percent ? (least / 100) * alarms.length : least);
    }
  }
}

/** All alarms that a composite alarm depends on, its suppressor included, by name. */
export function childrenOf({ rule, suppressor }: { rule: string; suppressor?: string }): string[] {
  const children = new Set(alarmsIn(parseRule(rule)));
  if (suppressor !== undefined) children.add(alarmName(suppressor));
  return [...children];
}

/** The name in an alarm's ARN, or what is a name already. */
export function alarmName(text: string): string {
  const arn = parseArn(text);
  return arn?.service === 'cloudwatch' ? arn.resource.replace(/^alarm:/, '') : text;
}
