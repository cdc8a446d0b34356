/** A word for a command that a person copies: in quotes wherever a shell would read anything but the word itself. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text));

/** The same, always in quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
