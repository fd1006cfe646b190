/** Words by which a free-text failure is recognized as moderation [page vibedream shows "flagged by content moderation"]. */
const MODERATION =
  /moderat|flagged|nsfw|content[ _-]?policy|polic(?:y|ies) violat|violat\w* .*polic|safety (?:filter|checker)/i;

export function soundsLikeModeration(text: string | undefined): boolean {
  return text !== undefined && MODERATION.test(text);
}

/** Words by which a refusal is recognized as an empty account. */
const EMPTY_ACCOUNT = /balance|credit|top[ _-]?up|insufficient (?:fund|quota)|billing|payment required/i;

export function soundsLikeEmptyAccount(text: string | undefined): boolean {
  return text !== undefined && EMPTY_ACCOUNT.test(text);
}
