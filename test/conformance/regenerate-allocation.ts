/**
 * Rewrites the committed sample of Java's allocations: `npx tsx test/conformance/regenerate-allocation.ts [seed]`.
 * Needs Java 17 and Maven.
 */
import { writeFile } from 'node:fs/promises';
import { buildJava } from '../support/java.ts';
import type { AllocationVectors } from './allocation-vectors.ts';

const SEED = 20_240_919;
const INPUTS_PER_STRATEGY = 60;
const SAMPLE = new URL('./vectors/allocation.json', import.meta.url);

const seed = Number(process.argv[2] ?? SEED);
const { runJava } = await buildJava();
const { cases, ...head } = JSON.parse(
  await runJava('rmq.AllocationVectors', [seed, INPUTS_PER_STRATEGY]),
) as AllocationVectors;

const lines = cases.map((vector) => JSON.stringify(vector)).join(',\n');
await writeFile(SAMPLE, `${JSON.stringify(head).slice(0, -1)},"cases":[\n${lines}\n]}\n`);
console.log(`${cases.length} cases of seed ${seed} by RocketMQ ${head.rocketmq} in ${SAMPLE.pathname}`);
