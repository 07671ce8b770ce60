import { readFile } from 'node:fs/promises';

/** Ticks per second of /proc on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;

/** Processor time of another process so far, user and system, all threads, in microseconds (to 10 ms). Linux only. */
export async function processCpuMicros(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in parentheses and may hold blanks; utime and stime are the 14th and 15th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}
