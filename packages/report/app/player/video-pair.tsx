import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { formatClock, type JobRow } from '../../src/view-model/index.js';
import { useSynchronizedVideos } from './use-synchronized-videos.js';

const UNREACHABLE = 'This browser can’t play it from here.';

/** The localized video beside its source. Made anew for each job, so that nothing is loaded before it is asked for. */
export function VideoPair({ job }: { readonly job: JobRow }) {
  const pair = useSynchronizedVideos();
  const shown = job.earlier ?? { url: job.outputUrl, path: job.output, words: null };
  const [heard, setHeard] = useState<'localized' | 'source'>(shown.url === null ? 'source' : 'localized');
  return (
    <div class="pair">
      <div class="pair-videos">
        <Screen
          title={`Localized, ${job.language}${shown.words === null ? '' : `: ${shown.words}`}`}
          url={shown.url}
          path={shown.path}
          absence={job.absence ?? UNREACHABLE}
          muted={heard !== 'localized'}
          videoRef={pair.localizedRef}
        />
        <Screen
          title="Source"
          url={job.sourceUrl}
          path={job.source}
          absence={UNREACHABLE}
          muted={heard !== 'source'}
          videoRef={pair.sourceRef}
        />
      </div>
      <div class="pair-control">
        <button type="button" class="primary" aria-keyshortcuts="k" onClick={pair.toggle}>
          {pair.playing ? 'Pause' : 'Play'}
        </button>
        <input
          type="range"
          aria-label="Position in both videos"
          aria-valuetext={`${formatClock(pair.seconds)} of ${formatClock(pair.duration)}`}
          min={0}
          max={pair.duration || 1}
          step={0.05}
          value={pair.seconds}
          onInput={(event) => pair.seek(event.currentTarget.valueAsNumber)}
        />
        <span class="clock">
          {formatClock(pair.seconds)} / {formatClock(pair.duration)}
        </span>
        <label class="choice">
          <span>Sound</span>
          <select value={heard} onChange={(event) => setHeard(event.currentTarget.value as typeof heard)}>
            <option value="localized">Localized</option>
            <option value="source">Source</option>
          </select>
        </label>
      </div>
    </div>
  );
}

interface ScreenProps {
  readonly title: string;
  readonly url: string | null;
  readonly path: string | null;
  /** Stands where there is nothing to play. */
  readonly absence: string;
  readonly muted: boolean;
  readonly videoRef: RefObject<HTMLVideoElement>;
}

function Screen({ title, url, path, absence, muted, videoRef }: ScreenProps) {
  const [failed, setFailed] = useState(false);
  return (
    <figure class="screen">
      <figcaption>{title}</figcaption>
      {url === null ? (
        <p class="screen-empty">{absence}</p>
      ) : (
        <video
          ref={videoRef}
          src={url}
          hidden={failed}
          muted={muted}
          preload="metadata"
          playsInline
          onError={() => setFailed(true)}
        />
      )}
      {failed && <p class="screen-empty">{UNREACHABLE}</p>}
      {path !== null && <p class="path">{url === null ? <bdi>{path}</bdi> : <a href={url}>{path}</a>}</p>}
    </figure>
  );
}
