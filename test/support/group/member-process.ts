/** A member in a process of its own: does what `RemoteMember` says, one thing after the other. Never outlives the test. */
import { Member } from './member.ts';
import type { MemberAnswer, MemberCommand } from './remote-member.ts';

const member = new Member();

async function obey(command: MemberCommand): Promise<MemberAnswer> {
  try {
    if (command.do === 'join') return { id: command.id, clientId: await member.join(command.options) };
    await member.leave();
    return { id: command.id };
  } catch (error) {
    return { id: command.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const say = (answer: MemberAnswer): void => {
  process.send?.(answer);
};

process.on('message', (command: MemberCommand) => void obey(command).then(say));
process.once('disconnect', () => process.exit());
say({ id: 0 });
