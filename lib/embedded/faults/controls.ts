import type { Control, ControlAction, ControlledRequest, ControlVerdict } from './control.ts';

class ActiveControl implements Control {
  hits = 0;
  readonly #action: ControlAction;
  readonly #drop: (control: ActiveControl) => void;
  #passed = 0;

  constructor(action: ControlAction, drop: (control: ActiveControl) => void) {
    this.#action = action;
    this.#drop = drop;
  }

  decide(request: ControlledRequest): ControlVerdict | undefined {
    const verdict = this.#verdict(request);
    if (verdict === undefined) return undefined;
    this.hits++;
    const times = typeof this.#action === 'function' ? undefined : this.#action.times;
    if (times !== undefined && this.hits >= times) this.remove();
    return verdict;
  }

  remove(): void {
    this.#drop(this);
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #verdict(request: ControlledRequest): ControlVerdict | undefined {
    const action = this.#action;
    if (typeof action === 'function') return action(request);
    if (action.server !== undefined && action.server !== request.server) return undefined;
    if (action.direction !== undefined && action.direction !== request.direction) return undefined;
    if (action.client !== undefined && action.client !== request.client) return undefined;
    if (action.when?.(request) === false) return undefined;
    return this.#passed++ < (action.skip ?? 0) ? undefined : action;
  }
}

/** The controls of a cluster, by request code. The first that strikes decides. */
export class Controls {
  readonly #byCode = new Map<number, ActiveControl[]>();

  add(code: number, action: ControlAction): Control {
    const control = new ActiveControl(action, (gone) => this.#remove(code, gone));
    this.#byCode.set(code, [...(this.#byCode.get(code) ?? []), control]);
    return control;
  }

  /** Quick test, so that a cluster without controls does not pay for them. */
  concerns(code: number): boolean {
    return this.#byCode.has(code);
  }

  decide(request: ControlledRequest): ControlVerdict | undefined {
    for (const control of this.#byCode.get(request.command.code) ?? []) {
      const verdict = control.decide(request);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  clear(): void {
    this.#byCode.clear();
  }

  #remove(code: number, gone: ActiveControl): void {
    const left = (this.#byCode.get(code) ?? []).filter((control) => control !== gone);
    if (left.length === 0) this.#byCode.delete(code);
    else this.#byCode.set(code, left);
  }
}
