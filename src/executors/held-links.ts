interface Node<T> {
  children?: Map<string, Node<T>>;
  link?: T;
}

/** Links that are made when all else is, by their paths; to ask takes as many steps as the path has parts. */
export class HeldLinks<T> {
  readonly #root: Node<T> = {};
  #size = 0;

  /** How many names of links and of directories above them are kept. */
  get size(): number {
    return this.#size;
  }

  /** Whether a link is there, or on the way there. */
  isBelowOrAt(path: string[]): boolean {
    let node: Node<T> | undefined = this.#root;
    for (const part of path) {
      node = node.children?.get(part);
      if (!node) return false;
      if (node.link !== undefined) return true;
    }
    return false;
  }

  get(path: string[]): T | undefined {
    return this.#find(path)?.link;
  }

  /** @returns false when links lie below that path, so that it is a directory */
  set(path: string[], link: T): boolean {
    let node = this.#root;
    for (const part of path) {
      node.children ??= new Map();
      const next: Node<T> = node.children.get(part) ?? {};
      if (!node.children.has(part)) this.#size += 1;
      node.children.set(part, next);
      node = next;
    }
    if (node.children) return false;
    node.link = link;
    return true;
  }

  /** Something else has the name now. */
  delete(path: string[]): void {
    if (this.get(path) === undefined) return;
    this.#find(path.slice(0, -1))?.children?.delete(path.at(-1) ?? '');
    this.#size -= 1;
  }

  *values(): Generator<T> {
    const open = [this.#root];
    for (let node = open.pop(); node; node = open.pop()) {
      if (node.link !== undefined) yield node.link;
      for (const child of node.children?.values() ?? []) open.push(child);
    }
  }

  #find(path: string[]): Node<T> | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const part of path) node = node?.children?.get(part);
    return node;
  }
}
