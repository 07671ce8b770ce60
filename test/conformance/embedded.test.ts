import { expect } from 'chai';
import { describe, it } from 'mocha';
import { encodeAnswer } from '../../lib/embedded/answers.ts';
import type { Answer } from '../../lib/embedded/faults/control.ts';
import type { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { RemotingClient } from '../../lib/remoting/remoting-client.ts';
import { Commands, encodeCommand, parseFastjson, SerializeType } from '../../protocol/index.ts';
import type { Command } from '../../protocol/index.ts';
import { VirtualGroup } from '../support/virtual-group.ts';
import { type Generation, GENERATIONS, bodyVectors, headerVectors } from './golden-vectors.ts';

/** What an embedded cluster calls the generation. */
const MANNERS = { '4.9.7': '4.9', '5.5.0': '5' } as const satisfies Record<Generation, '4.9' | '5'>;

/** Fields that Java's brokers add to the answers of these commands, and that are in no header class. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  SEND_MESSAGE: ['MSG_REGION', 'TRACE_ON'],
  SEND_MESSAGE_V2: ['MSG_REGION', 'TRACE_ON'],
  SEND_BATCH_MESSAGE: ['MSG_REGION', 'TRACE_ON'],
  HEART_BEAT: ['IS_SUPPORT_HEART_BEAT_V2', 'IS_SUB_CHANGE'],
};

const ROWS: readonly Command[] = Object.values(Commands).map((row) => row as unknown as Command);

/** One side of a conversation in bytes. */
class Wire {
  readonly #group: VirtualGroup;

  constructor(group: VirtualGroup) {
    this.#group = group;
  }

  /** Sends a request by hand; gives the frame that comes back. */
  async ask(row: Command, opaque: number, serializeType: SerializeType): Promise<Buffer> {
    const { cluster, network, clock } = this.#group;
    const address = row.servedBy === 'nameServer' ? cluster.nameServers : cluster.brokerAddress('broker-a');
    const chunks: Buffer[] = [];
    const handler = { onData: (chunk: Buffer) => void chunks.push(chunk), onDrain() {}, onClose() {} };
    const channel = await network.connect(address, handler, { timeout: 1_000 });
    channel.write(
      encodeCommand({ code: row.code, language: 'JAVA', version: 0, opaque, flag: 0, serializeType }),
    );
    await clock.advance(0);
    channel.close();
    await clock.advance(0);
    return Buffer.concat(chunks);
  }

  /** What the server writes when it has this to say. */
  async answer(
    row: Command,
    answer: Answer | undefined,
    { opaque = 1, form = SerializeType.JSON }: { opaque?: number; form?: SerializeType },
  ): Promise<Buffer> {
    using _ = this.#group.cluster.control(row, { answer: answer ?? {} });
    return await this.ask(row, opaque, form);
  }
}

/** Java writes ext fields in the order of its hash map, which is no contract: here they are in that of their names. */
function inOrder(frame: Buffer): { readonly header: string; readonly body: string; readonly size: number } {
  const end = 8 + (frame.readUInt32BE(4) & 0xff_ffff);
  const header = JSON.parse(frame.toString('utf8', 8, end)) as { extFields?: Record<string, string> };
  const { extFields } = header;
  if (extFields !== undefined)
    header.extFields = Object.fromEntries(Object.entries(extFields).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { header: JSON.stringify(header), body: frame.toString('hex', end), size: frame.length };
}

/** The ext section of a binary header as a sorted list of its fields in hex, and all around it. */
function inOrderBinary(frame: Buffer): readonly string[] {
  const end = 8 + (frame.readUInt32BE(4) & 0xff_ffff);
  // Code 2, language 1, version 2, opaque 4, flag 4 bytes, then the remark.
  const remarkEnd = 25 + frame.readInt32BE(21);
  const fields: string[] = [];
  for (let at = remarkEnd + 4; at < end;) {
    const valueAt = at + 2 + frame.readInt16BE(at);
    const next = valueAt + 4 + frame.readInt32BE(valueAt);
    fields.push(frame.toString('hex', at, next));
    at = next;
  }
  return [frame.toString('hex', 0, remarkEnd + 4), ...fields.sort(), frame.toString('hex', end)];
}

describe('conformance: the embedded cluster', () => {
  for (const generation of GENERATIONS) {
    it(`writes every answer of Java ${generation} that a row has, byte for byte`, async () => {
      await using group = await VirtualGroup.start({ generation: MANNERS[generation] });
      const wire = new Wire(group);
      let same = 0;
      let frames = 0;
      for (const row of ROWS) {
        const declared = new Set(
          Object.entries(row.response.fields).map(([property, field]) => field.wireName ?? property),
        );
        for (const vector of headerVectors(generation).filter((each) => each.class === row.response.name)) {
          // What the table leaves out is explained in reflection.test.ts; texts with odd escapes differ in fastjson 1.
          const isDeclared = Object.keys(vector.ext).every((name) => declared.has(name));
          if (!isDeclared || (generation === '4.9.7' && vector.variant === 'odd')) continue;
          const answer: Answer = {
            code: vector.code,
            remark: vector.remark,
            typed: { type: row.response, value: row.response.decode(vector.ext) },
            ...(vector.body !== undefined && { body: Buffer.from(vector.body, 'hex') }),
          };
          const { opaque } = vector;
          const [java, ours] = [Buffer.from(vector.json, 'hex'), await wire.answer(row, answer, { opaque })];
          expect(inOrder(ours), `${row.name} ${vector.variant}`).to.deep.equal(inOrder(java));
          frames++;
          if (ours.equals(java)) same++;
          // 4.9 answers in the form of the request; codes beyond 16 bits have only one.
          if (row.code > 32_767) continue;
          const form = SerializeType.ROCKETMQ;
          const binary = await wire.answer(row, answer, { opaque, form });
          if (generation === '5.5.0') expect(binary.equals(ours)).to.equal(true);
          else {
            const expected = inOrderBinary(Buffer.from(vector.binary, 'hex'));
            expect(inOrderBinary(binary), `${row.name} ${vector.variant} binary`).to.deep.equal(expected);
          }
        }
      }
      console.log(
        `      ${generation}: ${frames} answers, ${same} of them with the fields in Java's order too`,
      );
      expect(frames).to.be.above(40);
    });

    it(`writes every body of Java ${generation} that a row answers`, async () => {
      await using group = await VirtualGroup.start({ generation: MANNERS[generation] });
      const wire = new Wire(group);
      let bodies = 0;
      let same = 0;
      for (const row of ROWS.filter(({ responseBody }) => responseBody.typeName !== undefined)) {
        const vectors = bodyVectors(generation).filter(
          (each) => each.class === row.responseBody.typeName && each.variant === 'full',
        );
        for (const { text } of vectors) {
          const body = row.responseBody.decode(Buffer.from(text));
          const frame = await wire.answer(row, encodeAnswer(row, { body }), {});
          const written = frame.toString('utf8', 8 + (frame.readUInt32BE(4) & 0xff_ffff));
          // bodies.test.ts holds what a row writes against Java's text, member by member.
          expect(written, row.name).to.equal(row.responseBody.encode(body)?.toString('utf8'));
          if (written === text) same++;
          bodies++;
        }
      }
      console.log(`      ${generation}: ${bodies} bodies, ${same} of them Java's texts to the letter`);
      expect(bodies).to.be.above(10);
    });

    it(`answers nothing in a group's life that no class of Java ${generation} has`, async () => {
      await using group = await VirtualGroup.start({
        generation: MANNERS[generation],
        topics: { T: 2 },
      });
      const answers = watch(group.cluster);
      await live(group);
      const names = new Map(
        headerVectors(generation)
          .filter(({ variant }) => variant === 'full')
          .map((vector) => [vector.class, new Set(Object.keys(vector.ext))]),
      );
      for (const { row, answer } of answers) {
        const ext = Object.keys(answer.ext ?? {}).filter((name) => !ADDED[row.name]?.includes(name));
        const known = names.get(row.response.name) ?? new Set();
        expect(
          ext.filter((name) => !known.has(name)),
          `${row.name} (${row.response.name})`,
        ).to.deep.equal([]);
        const { body } = answer;
        if (body === undefined || row.responseBody.typeName === undefined) continue;
        const again = row.responseBody.encode(row.responseBody.decode(body));
        const [whole, part] = [again, body].map((each) => parseFastjson(each?.toString('utf8') ?? ''));
        expect(notIn(part, whole), row.name).to.deep.equal([]);
      }
      const rows = new Set(answers.map(({ row }) => row.name));
      console.log(`      ${generation}: ${answers.length} answers to ${rows.size} commands`);
      expect(rows.size).to.be.above(18);
    });
  }
});

/** Places of a document where another does not have the same. */
function notIn(part: unknown, whole: unknown, at = ''): string[] {
  if (typeof part !== 'object' || part === null) return part === whole ? [] : [at];
  const members = (value: unknown): ReadonlyMap<string, unknown> =>
    value instanceof Map ? (value as Map<string, unknown>) : new Map(Object.entries(value ?? {}));
  const all = members(whole);
  return [...members(part)].flatMap(([name, value]) => notIn(value, all.get(name), `${at}.${name}`));
}

/** All that handlers say from now on. */
function watch(cluster: EmbeddedCluster): { readonly row: Command; readonly answer: Answer }[] {
  const seen: { row: Command; answer: Answer }[] = [];
  for (const row of ROWS)
    cluster.control(row, {
      direction: 'in',
      change: (answer) => {
        if ((answer.code ?? 0) === 0) seen.push({ row, answer });
        return answer;
      },
    });
  return seen;
}

/** Two members, messages, and whoever looks after them. */
async function live(group: VirtualGroup): Promise<void> {
  const { clock, random, network: transport, cluster } = group;
  await group.join('T');
  const second = await group.join('T', {}, { eachMessage: () => 'later' });
  await group.send('T', 10);
  await clock.advance(31_000);
  await group.run(second.consumer.shutdown());
  const admin = new RemotingClient({ clock, random, transport });
  const broker = cluster.brokerAddress('broker-a');
  const queue = { topic: 'T', queueId: 0 };
  const mine = { consumerGroup: 'Group' };
  const locks = {
    consumerGroup: 'Group',
    clientId: 'me',
    mqSet: [{ topic: 'T', brokerName: 'broker-a', queueId: 0 }],
  };
  const questions: readonly Promise<unknown>[] = [
    admin.request(broker, Commands.getMaxOffset, queue, undefined),
    admin.request(broker, Commands.getMinOffset, queue, undefined),
    admin.request(broker, Commands.getEarliestMsgStoretime, queue, undefined),
    admin.request(broker, Commands.searchOffsetByTimestamp, { ...queue, timestamp: 0 }, undefined),
    admin.request(broker, Commands.queryConsumerOffset, { ...queue, ...mine }, undefined),
    admin.request(broker, Commands.getConsumerConnectionList, mine, undefined),
    admin.request(broker, Commands.getConsumeStats, { ...mine, topic: 'T' }, undefined),
    admin.request(broker, Commands.getTopicStatsInfo, { topic: 'T' }, undefined),
    admin.request(broker, Commands.queryTopicConsumeByWho, { topic: 'T' }, undefined),
    admin.request(broker, Commands.lockBatchMq, {}, locks),
    admin.request(broker, Commands.unlockBatchMq, {}, locks),
    admin.request(broker, Commands.viewMessageById, { offset: 0 }, undefined),
    admin.request(broker, Commands.getBrokerRuntimeInfo, {}, undefined),
    admin.request(cluster.nameServers, Commands.getBrokerClusterInfo, {}, undefined),
    admin.request(cluster.nameServers, Commands.getAllTopicListFromNameServer, {}, undefined),
  ];
  await group.run(Promise.all(questions));
  await group.run(admin.close());
}
