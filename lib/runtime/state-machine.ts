import { IllegalStateError } from '../errors.ts';

/** For each state, the states that may follow. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>;

/** A state that moves only along the arrows of its table. */
export class StateMachine<S extends string> {
  #state: S;
  readonly #subject: string;
  readonly #transitions: Transitions<S>;

  /** @param subject named in the error when a move is refused */
  constructor(subject: string, initial: NoInfer<S>, transitions: Transitions<S>) {
    this.#subject = subject;
    this.#state = initial;
    this.#transitions = transitions;
  }

  get state(): S {
    return this.#state;
  }

  is(...states: readonly S[]): boolean {
    return states.includes(this.#state);
  }

  can(next: S): boolean {
    return this.#transitions[this.#state].includes(next);
  }

  /** Throws `IllegalStateError` when the table has no such arrow. */
  to(next: S): void {
    if (!this.can(next)) throw new IllegalStateError(this.#subject, this.#state, next);
    this.#state = next;
  }
}
