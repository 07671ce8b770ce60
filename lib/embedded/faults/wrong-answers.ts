import { Commands } from '../../../protocol/commands/index.ts';
import type { ControlVerdict } from './control.ts';

/**
 * For GET_CONSUMER_LIST_BY_GROUP: the broker tells other members than it has.
 *
 * `cluster.control(Commands.getConsumerListByGroup, { ...changeMembers((ids) => ids.slice(1)), server: 'broker-a' })`
 */
export function changeMembers(
  change: (clientIds: readonly string[]) => readonly string[],
): Pick<ControlVerdict, 'change'> {
  const { responseBody } = Commands.getConsumerListByGroup;
  return {
    change: (answer) => {
      if (answer.body === undefined) return answer;
      const { consumerIdList } = responseBody.decode(answer.body);
      return { ...answer, body: responseBody.encode({ consumerIdList: [...change(consumerIdList)] }) };
    },
  };
}

/** Answers like requests as the first of them: a server whose knowledge has grown stale. */
export function repeatFirstAnswer(): Pick<ControlVerdict, 'change'> {
  const first = new Map<string, ReturnType<NonNullable<ControlVerdict['change']>>>();
  return {
    change: (answer, { command, server }) => {
      const key = JSON.stringify([server, command.code, command.extFields, command.body?.toString('base64')]);
      const known = first.get(key) ?? answer;
      first.set(key, known);
      return known;
    },
  };
}
