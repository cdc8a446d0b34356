/** The arguments of a command, as typed. */
export interface Arguments {
  /** The words of the command, or what was typed in their place. */
  readonly verb: string;
  /** The words after them. */
  readonly rest: readonly string[];
  /** Value of an option; an option without a value yields an empty text. */
  text(option: string): string | undefined;
  flag(option: string): boolean;
}
