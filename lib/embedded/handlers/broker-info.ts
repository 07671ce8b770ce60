import { describeVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { BrokerState } from '../broker-state.ts';
import type { EmbeddedServer } from '../server.ts';

/** What a broker tells about itself, and the settings that can be changed. Java: `AdminBrokerProcessor`. */
export function handleBrokerInfo(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.getBrokerRuntimeInfo, () => ({ body: { table: runtimeInfo(broker) } }));

  server.handle(Commands.getBrokerConfig, () => ({
    header: { version: JSON.stringify({ counter: 1, stateVersion: 0, timestamp: 0 }) },
    body: [...broker.config].map(([key, value]) => `${key}=${value}\n`).join(''),
  }));

  // Any setting is taken; only `recallMessageEnable` changes anything.
  server.handleRaw(Commands.updateBrokerConfig, ({ command }) => {
    for (const line of (command.body?.toString('utf8') ?? '').split('\n')) {
      const at = line.indexOf('=');
      if (at > 0) broker.config.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
    }
    return {};
  });
}

function runtimeInfo(broker: BrokerState): ReadonlyMap<string, string> {
  const { version } = broker.manners;
  return new Map([
    ['brokerActive', 'true'],
    ['brokerVersion', String(version)],
    ['brokerVersionDesc', describeVersion(version)],
    ['commitLogMinOffset', String(broker.log.begin)],
    ['commitLogMaxOffset', String(broker.log.end)],
  ]);
}
