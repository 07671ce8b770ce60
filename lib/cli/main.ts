#!/usr/bin/env node
import { commandTable } from './command-table.ts';
import { Interrupts } from './interrupts.ts';
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

// A reader that has seen enough (`rmq … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

using interrupts = new Interrupts();
process.exitCode = await runProgram(commandTable, process.argv.slice(2), processTerminal(interrupts.signal));
