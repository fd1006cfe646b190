import PQueue from 'p-queue';
import { createVideoMaker } from './make-video.js';
import { readOrder } from './order.js';

/** The script that many would write: a queue in memory and an HTTP client. A kill loses all it knew. */
const order = readOrder();
const maker = createVideoMaker(order);
const queue = new PQueue({ concurrency: order.concurrent });
for (let index = 0; index < order.count; index += 1) void queue.add(() => maker.make(index));
await queue.onIdle();
await maker.close();
