import type { Command } from '../schema/command.ts';
import { accessControlCommands } from './access-control.ts';
import { administrationCommands } from './administration.ts';
import { clientCommands } from './client.ts';
import { clusterCommands } from './cluster.ts';
import { controllerCommands } from './controller.ts';
import { groupCommands } from './group.ts';
import { liteTopicCommands } from './lite-topics.ts';
import { maintenanceCommands } from './maintenance.ts';
import { poppingCommands } from './popping.ts';
import { pullingCommands } from './pulling.ts';
import { routingCommands } from './routing.ts';
import { sendingCommands } from './sending.ts';
import { statisticsCommands } from './statistics.ts';

/** The command table: one row for each request code that this package speaks, with the types of its headers and bodies. */
export const Commands = {
  ...routingCommands,
  ...sendingCommands,
  ...pullingCommands,
  ...groupCommands,
  ...clientCommands,
  ...poppingCommands,
  ...administrationCommands,
  ...statisticsCommands,
  ...maintenanceCommands,
  ...accessControlCommands,
  ...clusterCommands,
  ...controllerCommands,
  ...liteTopicCommands,
} as const;

const byCode: ReadonlyMap<number, Command> = new Map(
  Object.values(Commands).map((row) => [row.code, row as Command]),
);

/** The row of a request code; `undefined` for a code without one, whose header can still be read as a map. */
export function commandByCode(code: number): Command | undefined {
  return byCode.get(code);
}
