import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { failed } from './each-video.js';
import { createVideoMaker } from './make-video.js';
import { readOrder } from './order.js';

/** The usual job queue: jobs are kept in Redis, one worker takes them. */
const order = readOrder();
const maker = createVideoMaker(order);
// A worker waits for jobs in blocking calls, which must not give up.
const connection = new Redis(order.redis ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('videos', { connection });
const jobs = Array.from({ length: order.count }, (_, index) => ({ name: 'video', data: { index } }));
await queue.addBulk(jobs);
await new Promise<void>((resolve, reject) => {
  let left = order.count;
  const { limit } = order;
  const worker = new Worker<{ index: number }>('videos', (job) => maker.make(job.data.index), {
    connection,
    concurrency: order.concurrent,
    ...(limit ? { limiter: { max: limit.creates, duration: limit.perMs } } : {}),
  });
  const ended = () => {
    left -= 1;
    if (left === 0) worker.close().then(resolve, reject);
  };
  worker.on('completed', ended);
  worker.on('failed', (job, error) => {
    failed(job?.data.index ?? -1, error);
    ended();
  });
});
await queue.close();
await connection.quit();
await maker.close();
