/** A request from any transport: socket, batch, or in-process. */
export interface ReceivedRequest {
  readonly method: string;
  /** Still percent-encoded; the parser of the path decodes it. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lowercase names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer; `reset` = the connection breaks without one. */
export type ApiAnswer =
  { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } | 'reset';

/** An answer with a JSON body. */
export const jsonAnswer = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  body: JSON.stringify(value, null, 1),
});

/** Splits a request target into path and query. */
export const splitTarget = (target: string): { path: string; query: URLSearchParams } => {
  const at = target.indexOf('?');
  if (at < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, at), query: new URLSearchParams(target.slice(at + 1)) };
};
