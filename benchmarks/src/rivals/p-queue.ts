import { eachVideo } from './each-video.js';
import { createVideoMaker } from './make-video.js';
import { readOrder } from './order.js';

/** The script that many would write: a queue in memory and an HTTP client. A kill loses all it knew. */
const order = readOrder();
const maker = createVideoMaker(order);
await eachVideo(order, (index) => maker.make(index));
await maker.close();
