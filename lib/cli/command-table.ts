import type { CommandRow } from './command.ts';
import { demoCommand } from './commands/demo.ts';

/** Every command of `rmq`, in the order of the help. */
export const commandTable: readonly CommandRow[] = [demoCommand];
