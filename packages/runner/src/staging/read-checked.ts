import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StagingError } from './staging-error.js';

/**
 * The bytes of a file, hashed as they pass. The stream fails at its end when they are not the ones that were planned:
 * before the last part has left, so that an object named by its contents never has others.
 */
export function readChecked(path: string, contentId: string): Transform {
  const hash = createHash('sha256');
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const same = `sha256:${hash.digest('hex')}` === contentId;
      done(same ? null : new StagingError(`${path} changed while it was uploaded`, { lasting: false, ofFile: true }));
    },
  });
  // Its errors reach whoever reads the stream.
  pipeline(createReadStream(path), checked).catch(() => undefined);
  return checked;
}
