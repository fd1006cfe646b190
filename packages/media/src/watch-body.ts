/** Bytes that a range's body has by its own header: who reads on behind a shorter one would ask without end. */
function promisedBytes(response: Response): number {
  if (response.status !== 206 || response.headers.has('content-encoding')) return 0;
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(response.headers.get('content-range') ?? '') ?? [];
  // A part that is there has a byte.
  return last === undefined ? 1 : Number(last) - Number(first) + 1;
}

/** A body that sent nothing for longer than it may. */
export class Silence extends Error {}
class ShortBody extends Error {}

interface BodyWatch {
  readonly patienceMs: number;
  onChunk(chunk: Uint8Array): void;
  /** A body's error does not say whose it is. */
  translate(error: unknown): unknown;
}

/** The same response, whose body fails where it falls silent or ends too early; its errors pass through `translate`. */
export function watchBody(response: Response, { patienceMs, onChunk, translate }: BodyWatch): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) return response;
  let missing = promisedBytes(response);
  let isCanceled = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await withinPatience(reader, patienceMs);
        if (isCanceled) return;
        if (done && missing > 0) throw new ShortBody(`${missing} bytes are missing`);
        if (done) return controller.close();
        missing -= value.length;
        onChunk(value);
        controller.enqueue(value);
      } catch (error) {
        controller.error(translate(error));
      }
    },
    cancel: (reason) => {
      isCanceled = true;
      return reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** The next piece of a body. Ends the body where none comes in time. */
async function withinPatience(reader: ReadableStreamDefaultReader<Uint8Array>, patienceMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Silence());
      void reader.cancel().catch(() => {});
    }, patienceMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
