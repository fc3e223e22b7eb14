/**
 * Records whose keys others choose, `__proto__` and `constructor` among them: a stage's name, a header, an identifier.
 * To read one of these plainly finds what every object inherits, and to write to that is to write to every object.
 */

/** The record's own value of `key`. */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Gives the record a value of its own under `key`, whatever the key. */
export function setOwn<T>(record: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(record, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
