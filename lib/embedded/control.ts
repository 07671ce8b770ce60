import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { ExtFields } from '../../protocol/remoting-command.ts';

/** What a server says to a request. */
export interface Answer {
  /** Response code. Default 0. */
  readonly code?: number;
  readonly remark?: string | undefined;
  readonly ext?: Readonly<ExtFields> | undefined;
  readonly body?: Buffer | undefined;
}

/** A request that a control is about to decide on. */
export interface ControlledRequest {
  readonly server: string;
  readonly client: string;
  readonly command: RemotingCommand;
}

interface Limits {
  /** How often it strikes before it goes away. Default: always. */
  readonly times?: number;
  /** Only on this server: a broker's name or `name-server`. Default: on all. */
  readonly server?: string;
  /** Only for requests that fit. */
  readonly when?: (request: ControlledRequest) => boolean;
}

/** What to do to a request instead of, or before, handling it. */
export type ControlVerdict =
  /** Do not handle it; answer with this response code. */
  | { readonly answer: number | Answer; readonly remark?: string }
  /** Handle it so many ms later. */
  | { readonly delay: number }
  /** Neither handle nor answer it. */
  | { readonly drop: true }
  /** Handle it, but never answer. */
  | { readonly mute: true }
  /** Cut the connection instead of handling it, or after handling it and instead of answering. */
  | { readonly close: 'before' | 'after' }
  /** Handle it when the promise settles. */
  | { readonly hold: Promise<unknown> };

/** Decides for one request; undefined lets it pass. */
export type ControlHandler = (request: ControlledRequest) => ControlVerdict | undefined;

export type ControlAction = (ControlVerdict & Limits) | ControlHandler;

/** A control that is in force. */
export interface Control {
  /** How many requests it has struck. */
  readonly hits: number;
  remove(): void;
  [Symbol.dispose](): void;
}

class ActiveControl implements Control {
  hits = 0;
  readonly #action: ControlAction;
  readonly #drop: (control: ActiveControl) => void;

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
    return action.when === undefined || action.when(request) ? action : undefined;
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
