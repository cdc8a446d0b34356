/** A word for a command to copy: quoted if a shell would interpret anything in it. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text));

/** The same, but always quoted. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
