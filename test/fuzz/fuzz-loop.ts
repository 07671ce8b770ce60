import { Coverage } from './coverage.ts';
import { type Breach, Guard, watchBuffers } from './guard.ts';
import { COUNTERS, instrumentProtocol } from './instrument.ts';
import { Dictionary, mutate } from './mutate.ts';
import { Prng } from './prng.ts';
import { makeSeeds, mutateJson } from './seeds.ts';
import { makeTargets, type Protocol, type Target } from './targets.ts';

export interface FuzzOptions {
  readonly executions: number;
  readonly seed: number;
  /** Only this target. */
  readonly target?: string;
  /** Inputs kept from earlier runs, by target. */
  readonly corpus: ReadonlyMap<string, readonly Buffer[]>;
  /** Called before each input, so that a watchdog can name the one that never ends. */
  readonly onInput?: (target: string, input: Buffer, executions: number) => void;
}

/** A breach with the input that caused it. */
export interface Finding extends Breach {
  readonly target: string;
  readonly input: string;
}

export interface TargetReport {
  readonly target: string;
  readonly executions: number;
  readonly features: number;
  readonly corpus: readonly string[];
}

export interface FuzzReport {
  readonly seed: number;
  readonly executions: number;
  readonly seconds: number;
  readonly branches: number;
  readonly branchesTaken: number;
  readonly features: number;
  readonly slowestMs: number;
  readonly hungriestBytes: number;
  readonly rerun: number;
  readonly targets: readonly TargetReport[];
  readonly findings: readonly Finding[];
}

/** The inputs of one target, and what came of them. */
interface Field {
  readonly target: Target;
  readonly seeds: readonly Buffer[];
  readonly corpus: Buffer[];
  executions: number;
  features: number;
}

const MAX_FINDINGS = 20;
const TURN = 200;

/**
 * Feeds mutated inputs to all targets in turn and keeps those that take branches, or take them as often, as none did
 * before. Every input is held to what the protocol promises: only `ProtocolError`, no hang, bounded memory.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const started = performance.now();
  const instrumented = instrumentProtocol();
  const coverage = new Coverage(instrumented.branches);
  Object.assign(globalThis, { [COUNTERS]: coverage.counters });
  const protocol = (await import(instrumented.entry)) as Protocol;
  watchBuffers();
  const seeds = makeSeeds(protocol, options.seed);
  const fields = makeTargets(protocol)
    .filter(({ name }) => options.target === undefined || name === options.target)
    .map((target): Field => ({
      target,
      seeds: seeds.get(target.name) ?? [],
      corpus: [],
      executions: 0,
      features: 0,
    }));
  const run = new Run(
    options,
    coverage,
    new Dictionary(instrumented.texts, instrumented.numbers),
    (error) => error instanceof protocol.ProtocolError,
  );
  run.start(fields);
  return {
    seed: options.seed,
    executions: run.executions,
    seconds: (performance.now() - started) / 1000,
    branches: instrumented.branches,
    branchesTaken: coverage.taken,
    features: coverage.features,
    slowestMs: run.guard.slowest,
    hungriestBytes: run.guard.hungriest,
    rerun: run.guard.reruns,
    targets: fields.map(({ target, executions, features, corpus }) => ({
      target: target.name,
      executions,
      features,
      corpus: corpus.map((input) => input.toString('hex')),
    })),
    findings: run.findings,
  };
}

class Run {
  readonly guard: Guard;
  readonly findings: Finding[] = [];
  executions = 0;
  readonly #options: FuzzOptions;
  readonly #coverage: Coverage;
  readonly #dictionary: Dictionary;
  readonly #random: Prng;
  readonly #reported = new Set<string>();

  constructor(
    options: FuzzOptions,
    coverage: Coverage,
    dictionary: Dictionary,
    isExpected: (error: unknown) => boolean,
  ) {
    this.#options = options;
    this.#coverage = coverage;
    this.#dictionary = dictionary;
    this.#random = new Prng(options.seed);
    this.guard = new Guard(isExpected);
  }

  start(fields: readonly Field[]): void {
    this.#coverage.counters.fill(0);
    for (const field of fields) {
      for (const input of this.#options.corpus.get(field.target.name) ?? []) this.#execute(field, input);
      for (const input of field.seeds) this.#execute(field, input);
    }
    while (this.executions < this.#options.executions && this.findings.length < MAX_FINDINGS)
      for (const field of fields)
        for (let turn = 0; turn < TURN; turn++) this.#execute(field, this.#make(field));
  }

  #make({ corpus, seeds, target }: Field): Buffer {
    const random = this.#random;
    const base = corpus.length === 0 || random.oneIn(6) ? random.pick(seeds) : random.pick(corpus);
    const input =
      this.#mutateStructure(target, base) ?? mutate(base, random.pick(seeds), this.#dictionary, random);
    target.repair?.(input, random);
    return input;
  }

  #mutateStructure({ name }: Target, base: Buffer): Buffer | undefined {
    const head = name === 'bodies' ? 1 : 0;
    if ((name !== 'bodies' && name !== 'json') || base.length <= head || !this.#random.oneIn(3))
      return undefined;
    const text = mutateJson(base.toString('utf8', head), this.#random);
    return Buffer.concat([base.subarray(0, head), Buffer.from(text)]);
  }

  #execute(field: Field, input: Buffer): void {
    const { name } = field.target;
    this.executions++;
    field.executions++;
    this.#options.onInput?.(name, input, this.executions);
    // A target may change what it reads; the finding must be what it was given.
    const breach = this.guard.check(() => field.target.run(input));
    const added = this.#coverage.collect();
    field.features += added;
    if (added > 0 && breach === undefined) field.corpus.push(input);
    if (breach !== undefined) this.#report({ target: name, input: input.toString('hex'), ...breach });
  }

  /** The same failure is reported once. */
  #report(finding: Finding): void {
    const key = `${finding.target} ${finding.kind} ${finding.detail.replaceAll(/\d+/g, '#').split('\n').slice(0, 3).join()}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.findings.push(finding);
  }
}
