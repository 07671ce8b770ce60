export { DEFAULT_FRAME_LIMITS } from './frame-limits.ts';
export type { FrameLimits } from './frame-limits.ts';
export { FrameDecoder } from './frame-decoder.ts';
export type { FrameDecoderOptions } from './frame-decoder.ts';
export { ReceivedCommand } from './received-command.ts';
export { encodeCommand, FrameWriter } from './frame-writer.ts';
export type { BodySource, OutgoingCommand, TypedHeader } from './frame-writer.ts';
