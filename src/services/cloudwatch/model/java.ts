// CloudWatch writes numbers and times as Java does, in texts that people's programs read.

/** A double as Java prints it: `70.0`, `1.0E7`. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** A number that `javaJson` writes as a double. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** JSON that stands in other JSON as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON in which doubles are told as such. Members that are undefined are left out. */
export function javaJson(value: unknown): string {
  if (value instanceof Double) return javaDouble(value.value);
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(javaJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${javaJson(member)}`);
  return `{${members.join(',')}}`;
}

/** `2019-10-02T17:04:40.989+0000` */
export const javaTime = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** `29/01/20 20:41:00` */
export function reasonTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(-2)} ${time.slice(0, 8)}`;
}
