export { DEFAULT_FRAME_LIMITS } from './frame-limits.ts';
export type { FrameLimits } from './frame-limits.ts';
export { FrameDecoder } from './frame-decoder.ts';
export { encodeCommand, FrameWriter } from './frame-writer.ts';
export type { OutgoingCommand } from './frame-writer.ts';
