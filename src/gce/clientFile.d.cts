/** A client class; all have this shape. */
export type ClientClass = new (options: object) => object;

export function clientFile(name: string): Readonly<Record<string, ClientClass>> | undefined;
