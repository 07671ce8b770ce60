import { command } from '../command.ts';
import { flag, nameServers, seconds, wholeNumber } from '../option-rows.ts';

/** `rmq demo`. */
export const demoCommand = command({
  name: 'demo',
  summary: 'show a consumer group that shares its queues, gains a member and loses one',
  description:
    'Starts consumers of one group as processes of their own, and a steady producer. Two consumers share the queues of a topic, ' +
    'a third joins, one is killed (SIGKILL) and the others take over. The end tells how long that took, and whether ' +
    'anything was lost or repeated. The cluster is brought along, unless --namesrv names one.',
  options: {
    namesrv: nameServers(
      'use this cluster: host:port, several separated by ; (makes a topic there, and deletes it)',
    ),
    dropNotices: flag('then show the same without the notices of the brokers, by the rebalance timer alone'),
    rate: wholeNumber('messages sent each second', { value: 'number', fallback: 200, min: 1, max: 5_000 }),
    queues: wholeNumber('queues of the topic', { value: 'number', fallback: 8, min: 3, max: 16 }),
    pause: seconds('how long each state is shown', { fallback: 3, min: 0.5, max: 600 }),
    rebalanceInterval: seconds('the rebalance timer of the consumers', { fallback: 20, min: 0.5, max: 600 }),
  },
  examples: [
    ['rmq demo', 'about a quarter of a minute, nothing else needed'],
    ['rmq demo --drop-notices', 'and then, for comparison, by the 20 s timer alone: up to a minute more'],
    ['rmq demo --namesrv 127.0.0.1:9876', 'on a cluster of your own'],
  ],
  run: async (options, terminal) => {
    const { runDemo } = await import('../demo/run-demo.ts');
    return runDemo(options, terminal);
  },
});
