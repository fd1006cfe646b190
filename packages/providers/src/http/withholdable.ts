import type { buildConnector } from 'undici';

/**
 * A connector that hands over no socket once `withhold` has aborted: the request waits for its socket, so not a byte of
 * it leaves after that. A socket that was handed over before is not touched.
 */
export function withholdable(connect: buildConnector.connector, withhold: AbortSignal): buildConnector.connector {
  return (options, callback) => {
    let answered = false;
    const callOff = () => {
      if (answered) return;
      answered = true;
      callback(new Error('called off before it was sent'), null);
    };
    if (withhold.aborted) {
      queueMicrotask(callOff);
      return;
    }
    withhold.addEventListener('abort', callOff, { once: true });
    connect(options, (error, socket) => {
      withhold.removeEventListener('abort', callOff);
      if (answered || withhold.aborted) {
        socket?.destroy();
        callOff();
        return;
      }
      answered = true;
      if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
}
