/** A message to be sent. Java: `Message`. */
export interface Message {
  readonly topic: string;
  /** Bytes, or text that is sent as UTF-8. Not empty. */
  readonly body: Buffer | string;
  /** The one tag that consumers filter by. */
  readonly tags?: string;
  /** Keys the message can be searched by; none may hold a blank. */
  readonly keys?: string | readonly string[];
  /** A number that only the application understands. Default 0. */
  readonly flag?: number;
  /** User properties; SQL92 filters read them. */
  readonly properties?: Readonly<Record<string, string>>;
}
