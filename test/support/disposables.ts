type Dispose = () => void | Promise<void>;

/** Things to put away when their owner ends: the last added first, each even if another fails. */
export class Disposables implements AsyncDisposable {
  readonly #stack: Dispose[] = [];
  #ending: Promise<void> | undefined;

  /** Adds a resource and returns it. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.defer(async () => {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    });
    return resource;
  }

  /** Adds something to do at the end. */
  defer(dispose: Dispose): void {
    this.#stack.push(dispose);
  }

  /** Ends everything, once. Rejects with the error, or an `AggregateError` of all, after the last has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end();
    await this.#ending;
  }

  async #end(): Promise<void> {
    const errors: unknown[] = [];
    for (let dispose = this.#stack.pop(); dispose !== undefined; dispose = this.#stack.pop()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0] as Error;
    if (errors.length > 1) throw new AggregateError(errors, 'Several things could not be ended');
  }
}
