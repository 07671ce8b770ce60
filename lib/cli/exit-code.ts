/** What the exit code of `rmq` says. */
export const ExitCode = {
  done: 0,
  failed: 1,
  /** A wrong option, argument or command. */
  usage: 2,
  /** Nothing answers at an address, or no route leads to the topic. */
  unreachable: 4,
  timedOut: 5,
  /** Ctrl-C; other signals have 128 and their number too. */
  interrupted: 130,
} as const;
