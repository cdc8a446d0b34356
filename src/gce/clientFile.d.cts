/** A client class, as all of them are alike. */
export type ClientClass = new (options: object) => object;

export function clientFile(name: string): Readonly<Record<string, ClientClass>> | undefined;
