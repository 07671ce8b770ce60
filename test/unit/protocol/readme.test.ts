import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands, describeFrame, encodeCommand, FrameDecoder } from '../../../protocol/index.ts';

const readme = readFileSync(new URL('../../../protocol/README.md', import.meta.url), 'utf8');

describe('protocol/README.md', () => {
  it('shows what describing its frame gives', () => {
    const [, source = ''] = /Buffer\.from\(([\s\S]*?),\s*'hex'/.exec(readme) ?? [];
    const hex = [...source.matchAll(/'([0-9a-f]+)'/g)].map(([, part]) => part).join('');
    const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
    const described: unknown = JSON.parse(JSON.stringify(describeFrame(Buffer.from(hex, 'hex'))));
    expect(described).to.deep.equal(JSON.parse(shown));
  });

  it('asks as it says', () => {
    const { getRouteInfoByTopic: row } = Commands;
    const start = { language: 'OTHER', version: 479, opaque: 1, flag: 0, serializeType: 0 } as const;
    const frame = encodeCommand({
      ...start,
      code: row.code,
      headerType: row.request,
      header: { topic: 'TopicTest' },
    });
    new FrameDecoder().push(frame, (command) => {
      expect(row.request.read(command)).to.deep.equal({ topic: 'TopicTest' });
    });
  });
});
