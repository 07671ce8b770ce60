const NAMES = ['setTimeout', 'setInterval', 'setImmediate'] as const;

/** Makes every real timer of this process an error for as long as it is not disposed of: a simulated run must have none. */
export function forbidTimers(): Disposable & { readonly used: readonly string[] } {
  const used: string[] = [];
  const before = NAMES.map((name) => [name, globalThis[name]] as const);
  const beforeTimeout = Object.getOwnPropertyDescriptor(AbortSignal, 'timeout');
  const forbid = (name: string) => (): never => {
    const error = new Error(`${name} was called during a simulated run`);
    used.push(error.stack ?? error.message);
    throw error;
  };
  for (const name of NAMES)
    Object.defineProperty(globalThis, name, { value: forbid(name), configurable: true, writable: true });
  AbortSignal.timeout = forbid('AbortSignal.timeout');
  return {
    used,
    [Symbol.dispose]() {
      for (const [name, value] of before)
        Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      if (beforeTimeout !== undefined) Object.defineProperty(AbortSignal, 'timeout', beforeTimeout);
    },
  };
}
