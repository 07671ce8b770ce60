/** What a frame may cost before anything of it is understood. */
export interface FrameLimits {
  /** Largest whole frame in bytes, its length field included. Default 16 MiB, as in Java. */
  readonly maxFrameSize: number;
  /** Largest header in bytes. Default 1 MiB; Java has no limit of its own here. */
  readonly maxHeaderSize: number;
}

/** Limits that real traffic never reaches. */
export const DEFAULT_FRAME_LIMITS: FrameLimits = { maxFrameSize: 16_777_216, maxHeaderSize: 1_048_576 };
