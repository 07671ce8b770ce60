/** Reads one hostile input from a file, and prints what it cost: `hostile-child.ts reader file [sysFlag]`. */
import { readFileSync } from 'node:fs';
import {
  decodeBatch,
  decodeStoredMessages,
  FrameDecoder,
  inflateBody,
  parseFastjson,
  ProtocolError,
} from '../../protocol/index.ts';
import type { Reader } from './hostile-inputs.ts';

const MAX_BODY = 16 * 1_048_576;
const [reader = '', file = '', sysFlag = '0'] = process.argv.slice(2);

const readers: Readonly<Record<Reader, (bytes: Buffer) => unknown>> = {
  inflate: (bytes) => inflateBody(bytes, Number(sysFlag), MAX_BODY),
  messages: readMessages,
  frame: (bytes) => new FrameDecoder().push(bytes, (command) => void command.extFields),
  'frame with large headers': (bytes) =>
    new FrameDecoder({ maxHeaderSize: 16_777_216 }).push(bytes, (command) => void command.extFields),
  json: (bytes) => parseFastjson(bytes.toString('utf8')),
  batch: decodeBatch,
};

/** Most kilobytes so far. Linux tells the peak that `getrusage` knows on to children, so that a large parent would hide all. */
function peak(): number {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS;
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS);
}

function readMessages(bytes: Buffer): void {
  const failed = decodeStoredMessages(bytes, { maxBodySize: MAX_BODY }).find((record) => !record.ok);
  if (failed?.ok === false) throw failed.error;
}

const bytes = readFileSync(file);
const [before, cpu] = [peak(), process.cpuUsage()];
let error: { isProtocolError: boolean; message: string } | undefined;
try {
  readers[reader as Reader](bytes);
} catch (thrown) {
  error = { isProtocolError: thrown instanceof ProtocolError, message: String(thrown) };
}
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ error, ms: (user + system) / 1000, kilobytes: peak() - before }));
