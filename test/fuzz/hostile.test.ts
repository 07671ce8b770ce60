import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, it } from 'mocha';
import { describeLong } from '../support/long.ts';
import { type HostileInput, hostileInputs } from './hostile-inputs.ts';

const CHILD = fileURLToPath(new URL('./hostile-child.ts', import.meta.url));

/** Of CPU time, with the first use of the code; and beyond what the process had. */
const LIMITS = { ms: 1500, mebibytes: 64 } as const;

/** Legal, if somebody raises the limit: it must come to an end. */
const LIMITS_WHEN_RAISED = { ms: 8000, mebibytes: 1024 } as const;

interface Cost {
  readonly error?: { readonly isProtocolError: boolean; readonly message: string };
  readonly ms: number;
  readonly kilobytes: number;
}

describeLong('hostile input', function () {
  this.timeout(120_000);
  let folder = '';
  let inputs: HostileInput[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rmq-hostile-'));
    inputs = await hostileInputs();
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is refused within bounded time and memory, each in a process of its own', async () => {
    for (const input of inputs) {
      const cost = await measure(input);
      const mebibytes = cost.kilobytes / 1024;
      console.log(
        `      ${input.name.padEnd(42)}${String(input.bytes.length).padStart(9)} B ${cost.ms.toFixed(0).padStart(5)} ms ${mebibytes.toFixed(1).padStart(6)} MiB  ${(cost.error?.message ?? 'accepted').slice(0, 90)}`,
      );
      expectRefusal(input, cost);
      const limits = input.reader === 'frame with large headers' ? LIMITS_WHEN_RAISED : LIMITS;
      expect(cost.ms, input.name).to.be.below(limits.ms);
      expect(mebibytes, input.name).to.be.below(limits.mebibytes);
    }
  });

  async function measure({ bytes, reader, sysFlag = 0 }: HostileInput): Promise<Cost> {
    const file = join(folder, 'input');
    await writeFile(file, bytes);
    const args = ['--import', 'tsx', CHILD, reader, file, String(sysFlag)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    return JSON.parse(stdout) as Cost;
  }
});

function expectRefusal({ error, name }: HostileInput, cost: Cost): void {
  if (error === undefined) return expect(cost.error, name).to.equal(undefined) && undefined;
  expect(cost.error?.message, name).to.match(error);
  expect(cost.error?.isProtocolError, name).to.equal(true);
}
