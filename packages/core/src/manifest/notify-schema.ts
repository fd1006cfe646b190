import type { z } from 'zod';
import { variableField } from './fields/name-fields.js';
import { wordField } from './fields/text-fields.js';
import { list, mapping } from './schema-parts.js';

/** What a run can call attention to, once each time that it happens. */
export const NOTICE_KINDS = ['finished', 'needs_person', 'budget', 'lane_closed'] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

export function noticeKinds() {
  return list('a list such as [finished, needs_person]', wordField(NOTICE_KINDS))
    .describe(
      'finished: the run has ended. needs_person: a job waits for a person. budget: no further create fits the budget. lane_closed: an account takes no creates, for instance because its key is refused. Default: all.',
    )
    .optional();
}

export function notifySchema() {
  return mapping('{ url_env: SLACK_URL, on: [finished, needs_person] }', {
    url_env: variableField('SLACK_URL').describe(
      'Name of the environment variable with the URL, which is a secret. It gets a POST with a JSON body that Slack’s incoming webhooks take.',
    ),
    on: noticeKinds(),
  }).describe('Where a run calls attention to what it meets. It waits for nobody.');
}

/** Every kind when none is named. */
export function readNoticeKinds(kinds: readonly NoticeKind[] | undefined): readonly NoticeKind[] {
  return kinds ?? NOTICE_KINDS;
}

export type NotifyFields = z.infer<ReturnType<typeof notifySchema>>;
