import type { Provider } from '@localize/core';

/** A provider that writes down which URL each create named as its video. */
export function recording(inner: Provider, urls: string[]): Provider {
  return {
    ...inner,
    start: (request, context) => {
      urls.push(request.media.video);
      return inner.start(request, context);
    },
  };
}
