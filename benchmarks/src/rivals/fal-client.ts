import { createFalClient } from '@fal-ai/client';
import { eachVideo } from './each-video.js';
import { readOrder } from './order.js';
import { saveVideo } from './save-video.js';

/** fal's own client as it comes, its host redirected, ten jobs at once. */
const order = readOrder();
const fal = createFalClient({
  credentials: order.key,
  requestMiddleware: async (request) => ({
    ...request,
    url: request.url.replace('https://queue.fal.run', order.baseUrl),
  }),
});
await eachVideo(order, async (index) => {
  const input = { video_url: order.video, audio_url: order.audio, prompt: 'A person speaks', seed: index + 1 };
  const { data } = await fal.subscribe('fal-ai/infinitalk/video-to-video', {
    input,
    pollInterval: order.pollEveryMs,
  });
  await saveVideo(order, index, (data as { video: { url: string } }).video.url);
});
