/**
 * What a test run starts must not outlive it, however it ends: SIGKILL and a crash run no exit handler. A small shell
 * process holds the other end of a pipe; when the pipe closes it kills what is still listed and removes the folders.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

const SCRIPT = `
pids=' '; dirs=''
while read -r verb value; do
  case $verb in
    pid) pids="$pids$value " ;;
    gone) pids=$(printf %s "$pids" | sed "s/ $value / /") ;;
    dir) dirs="$dirs
$value" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
printf %s "$dirs" | while read -r dir || [ -n "$dir" ]; do [ -z "$dir" ] || rm -rf "$dir"; done
`;

let pipe: Writable | undefined;

function reaper(): Writable {
  if (pipe === undefined) {
    // Detached: an interrupt typed at the terminal reaches the whole process group, and must not reach this one.
    const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    pipe = child.stdin;
    pipe.on('error', () => {});
    unreference(child, child.stdin);
  }
  return pipe;
}

/** Kills the process when this one ends, unless it has ended before. */
export function reapProcess(child: ChildProcess): void {
  if (child.pid === undefined) return;
  reaper().write(`pid ${child.pid}\n`);
  child.once('exit', () => reaper().write(`gone ${child.pid}\n`));
}

/** Removes the folder when this process ends. */
export function reapFolder(path: string): void {
  reaper().write(`dir ${path}\n`);
}

/** Lets this process end although the child runs. */
export function unreference(child: ChildProcess, ...streams: unknown[]): void {
  child.unref();
  for (const stream of streams) {
    if (hasUnref(stream)) stream.unref();
  }
}

function hasUnref(stream: unknown): stream is { unref(): void } {
  return (
    typeof stream === 'object' && stream !== null && 'unref' in stream && typeof stream.unref === 'function'
  );
}
