/** Stands in a query that is built ahead of its values, where the value of a parameter goes. */
export class Parameter {
  readonly #name: PropertyKey;
  readonly #through: (value: unknown) => unknown;

  constructor(name: PropertyKey, through: (value: unknown) => unknown = (value) => value) {
    this.#name = name;
    this.#through = through;
  }

  /** The same parameter, whose value goes through `change` on its way. */
  through(change: (value: unknown) => unknown): Parameter {
    return new Parameter(this.#name, (value) => change(this.#through(value)));
  }

  of(parameters: object): unknown {
    return this.#through((parameters as Record<PropertyKey, unknown>)[this.#name]);
  }
}
