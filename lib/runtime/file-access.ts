/** The few things that are done with files, so that tests and simulations can bring their own. Each rejects with what the file system says. */
export interface FileAccess {
  /** The text of a file, undefined if there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Makes the file, and its folders. Resolves when the text would survive a power cut. */
  write(path: string, text: string): Promise<void>;
  /** Gives a file another name in its folder, in place of what had that name: readers see the one or the other. Survives a power cut when it resolves. */
  rename(from: string, to: string): Promise<void>;
}
