/** Arguments of a command as they were given. */
export interface Arguments {
  /** The words of the command, or what was asked for in its place. */
  readonly verb: string;
  /** What came after them. */
  readonly rest: readonly string[];
  /** Value of an option; an option without a value gives an empty one. */
  text(option: string): string | undefined;
  flag(option: string): boolean;
}
