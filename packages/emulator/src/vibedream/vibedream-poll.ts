import type { Reply } from '../http/reply.js';
import type { Failure } from '../predict/prediction.js';
import type { View } from '../predict/view.js';

/** `GET /predictions/{id}` [page vibedream]. There is no queued state. */
export function renderVibedream(view: View): Reply {
  const { prediction, state, output } = view;
  const over = state === 'succeeded' || state === 'failed' || state === 'canceled';
  return {
    status: 200,
    body: {
      id: prediction.id,
      modelId: 'video-to-video',
      modelName: 'InfiniteTalk Fast Video-To-Video',
      status: view.oddStatus ?? (state === 'succeeded' ? 'completed' : over ? 'failed' : 'processing'),
      outputs: state !== 'succeeded' ? null : output === null ? [] : [output.url],
      error: state === 'failed' ? describeFailure(prediction.failure) : null,
      createdAt: new Date(prediction.createdAt).toISOString(),
      completedAt: over ? new Date(prediction.finishesAt).toISOString() : null,
    },
  };
}

function describeFailure(failure: Failure | null): string {
  if (failure?.message !== undefined) return failure.message;
  switch (failure?.cause) {
    case 'moderation':
      // [page vibedream], its example of a failed response.
      return 'Your request was flagged by content moderation. Please modify your prompt.';
    case 'media-unreachable':
      return `Failed to download ${failure.field}`; // assumed
    case 'media-unreadable':
      return `Unsupported file for ${failure.field}`; // assumed
    default:
      return 'Generation failed. Please try again.'; // assumed
  }
}
