import { ApiError } from './apiError.ts';
import { type ApiAnswer, type ReceivedRequest, splitTarget } from './message.ts';

/** Whether it is a batch of Compute Engine requests, which gcloud sends for several resources at once. */
export const isBatch = (request: ReceivedRequest): boolean =>
  request.method === 'POST' && request.path.startsWith('/batch/compute/');

const crlf = '\r\n';

/** Splits a multipart/mixed batch, serves the parts in order, and assembles the answers. */
export const serveBatch = async (
  request: ReceivedRequest,
  serve: (part: ReceivedRequest) => Promise<ApiAnswer>,
): Promise<ApiAnswer> => {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new ApiError(400, 'badRequest', 'Failed to parse batch request: no boundary.');
  const answers: string[] = [];
  for (const raw of partsOf(request.body, boundary)) {
    const { id, inner } = readPart(raw, request.headers);
    const answer = await serve(inner);
    if (answer === 'reset') return 'reset'; // they share the connection
    answers.push(writePart(id, answer));
  }
  const mark = 'batch_answer';
  const body = [...answers.map((a) => `--${mark}${crlf}${a}`), `--${mark}--`, ''].join(crlf);
  return { status: 200, headers: { 'content-type': `multipart/mixed; boundary=${mark}` }, body };
};

const partsOf = (body: string, boundary: string): string[] =>
  body
    .replaceAll(crlf, '\n')
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => part.replace(/^\n/, ''));

// A part: its own headers, a blank line, then a whole HTTP request as text.
const readPart = (raw: string, outer: Readonly<Record<string, string>>): { id: string; inner: ReceivedRequest } => {
  const [partHead = '', innerHead = '', ...bodyParts] = raw.split('\n\n');
  const id = headersOf(partHead.split('\n'))['content-id'] ?? '';
  const [requestLine = '', ...lines] = innerHead.split('\n');
  const [method = '', target = ''] = requestLine.split(' ');
  if (!target.startsWith('/'))
    throw new ApiError(400, 'badRequest', 'Failed to parse batch request: bad request line.');
  const headers = { ...headersOf(lines) };
  for (const name of ['authorization', 'host']) headers[name] ??= outer[name] ?? '';
  return { id, inner: { method, ...splitTarget(target), headers, body: bodyParts.join('\n\n').trim() } };
};

const headersOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );

const writePart = (id: string, answer: Exclude<ApiAnswer, 'reset'>): string => {
  const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
  return [
    'Content-Type: application/http',
    `Content-ID: ${id.replace('<', '<response-')}`,
    '',
    `HTTP/1.1 ${answer.status} ${answer.status < 400 ? 'OK' : 'Error'}`,
    ...headers,
    '',
    answer.body,
  ].join(crlf);
};
