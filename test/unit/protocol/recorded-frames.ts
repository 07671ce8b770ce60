import { readFileSync } from 'node:fs';

/** Whole frames that real brokers and clients exchanged; `title` says which. */
export const recordedFrames: readonly { readonly title: string; readonly bytes: Buffer }[] = (
  JSON.parse(readFileSync(new URL('./recorded-frames.json', import.meta.url), 'utf8')) as {
    title: string;
    hex: string;
  }[]
).map(({ title, hex }) => ({ title, bytes: Buffer.from(hex, 'hex') }));
