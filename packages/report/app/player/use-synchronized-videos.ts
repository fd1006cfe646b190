import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Further apart than this the follower jumps to the leader: less would stutter, more would be seen. */
const DRIFT_SECONDS = 0.12;

export interface SynchronizedVideos {
  readonly localizedRef: RefObject<HTMLVideoElement>;
  readonly sourceRef: RefObject<HTMLVideoElement>;
  readonly playing: boolean;
  readonly seconds: number;
  readonly duration: number;
  readonly toggle: () => void;
  readonly seek: (seconds: number) => void;
}

/** Two videos under one control: the localized one leads, its source follows; alone, either plays by itself. */
export function useSynchronizedVideos(): SynchronizedVideos {
  const localizedRef = useRef<HTMLVideoElement>(null);
  const sourceRef = useRef<HTMLVideoElement>(null);
  const [playing, setPlaying] = useState(false);
  const [seconds, setSeconds] = useState(0);
  const [duration, setDuration] = useState(0);

  const videos = () => [localizedRef.current, sourceRef.current].filter((video) => video !== null).filter(canPlay);
  const leader = () => videos()[0] ?? null;

  useEffect(() => {
    const elements = [localizedRef.current, sourceRef.current].filter((video) => video !== null);
    const follow = () => {
      const [first, second] = videos();
      if (!first) return;
      setSeconds(first.currentTime);
      setDuration(Number.isFinite(first.duration) ? first.duration : 0);
      setPlaying(!first.paused && !first.ended);
      if (!second || second.ended) return;
      if (first.ended && !second.paused) second.pause();
      // A second jump before the first has landed would never let it play.
      if (second.seeking) return;
      if (Math.abs(second.currentTime - first.currentTime) > DRIFT_SECONDS) second.currentTime = first.currentTime;
    };
    const events = ['timeupdate', 'loadedmetadata', 'play', 'pause', 'ended', 'error'];
    for (const element of elements) for (const event of events) element.addEventListener(event, follow);
    return () => {
      for (const element of elements) for (const event of events) element.removeEventListener(event, follow);
    };
  }, []);

  const toggle = () => {
    const start = leader()?.paused ?? false;
    for (const video of videos()) {
      if (start) video.play().catch(() => setPlaying(false));
      else video.pause();
    }
  };

  const seek = (to: number) => {
    for (const video of videos()) video.currentTime = to;
    setSeconds(to);
  };

  return { localizedRef, sourceRef, playing, seconds, duration, toggle, seek };
}

function canPlay(video: HTMLVideoElement): boolean {
  return video.error === null;
}
