import { Client } from 'wavespeed';
import { eachVideo } from './each-video.js';
import { readOrder } from './order.js';
import { saveVideo } from './save-video.js';

/** WaveSpeed's own client as it comes, its host redirected, ten jobs at once. */
const order = readOrder();
const client = new Client(order.key, { baseUrl: order.baseUrl.replace(/\/api\/v3$/, '') });
await eachVideo(order, async (index) => {
  const input = { video: order.video, audio: order.audio, resolution: '480p', seed: index + 1 };
  const { outputs } = await client.run('wavespeed-ai/infinitetalk/video-to-video', input, {
    pollInterval: order.pollEveryMs / 1000,
  });
  await saveVideo(order, index, outputs[0] as string);
});
