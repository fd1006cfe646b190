import { LocalizeError, type NoticeKind, readNoticeKinds, type Secret, secret } from '@localize/core';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { Secrets } from '../keys/secrets.js';
import { postNotice, runNoticeCommand } from './deliver.js';
import type { Notice } from './notice.js';

/** Who is told, and of what. */
export interface NoticeTarget {
  /** For the warning when it cannot be told. */
  readonly name: string;
  readonly kinds: readonly NoticeKind[];
  /** @throws Error without a secret in it */
  deliver(notice: Notice): Promise<void>;
}

export interface NoticeTargets {
  readonly targets: readonly NoticeTarget[];
  readonly secrets: readonly Secret[];
  /** Who cannot be told, and why. */
  readonly problems: readonly string[];
}

/**
 * The manifest names a variable with a URL. A command runs as the user, so only the command line and the user's own
 * settings may name one; the command line comes first.
 */
export async function noticeTargets(batch: LoadedBatch, command: string | undefined): Promise<NoticeTargets> {
  const { plan, ownConfig, notify, secrets } = batch;
  const targets: NoticeTarget[] = [];
  const problems: string[] = [];
  const hidden: Secret[] = [];
  const own = command === undefined ? ownConfig?.notify : { command, on: undefined };
  if (own) {
    const deliver = (notice: Notice) => runNoticeCommand(own.command, notice, plan.batch);
    targets.push({ name: 'the command that is to be told', kinds: readNoticeKinds(own.on), deliver });
  }
  if (notify !== null) {
    const name = notify.url_env;
    const { url, why } = await readNoticeUrl(name, secrets);
    if (url === null) problems.push(`nobody is notified: ${why}`);
    else {
      hidden.push(secret(url));
      targets.push({ name, kinds: readNoticeKinds(notify.on), deliver: (notice) => postNotice(url, notice) });
    }
  }
  return { targets, secrets: hidden, problems };
}

/**
 * A URL that nobody can be told at is worth a warning and no more: the batch goes on without it.
 * @returns `url: null`: `why` says, in words without a secret
 */
export async function readNoticeUrl(
  name: string,
  secrets: Secrets,
): Promise<{ readonly url: string; readonly why: null } | { readonly url: null; readonly why: string }> {
  try {
    const url = await secrets.read(name);
    return url === undefined ? { url: null, why: `${name} is not set` } : { url, why: null };
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return { url: null, why: error.message };
  }
}
