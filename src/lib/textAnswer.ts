/** The part of a `fetch` response that we use. */
export type Answered = Pick<Response, 'status' | 'ok' | 'headers' | 'text' | 'json'>;

/** A response whose text has already been read; a `Response` would encode it only for its reader to decode it again. */
export class TextAnswer implements Answered {
  readonly status: number;
  readonly headers: Headers;
  private readonly body: string;

  constructor(body: string, status: number, headers: Headers) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  text(): Promise<string> {
    return Promise.resolve(this.body);
  }

  json(): Promise<unknown> {
    return Promise.resolve(this.body).then(JSON.parse);
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(new TextEncoder().encode(this.body).buffer);
  }
}
