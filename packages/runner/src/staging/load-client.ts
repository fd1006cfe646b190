/** What speaks S3, loaded when a bucket is first needed: it is large, and most batches have none. */
export async function loadClient() {
  // Otherwise it tells users of this Node to upgrade for the sake of its later versions.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const [{ openBucket }, { lookAtBucket, someObject }] = await Promise.all([
    import('./bucket.js'),
    import('./look-at-bucket.js'),
  ]);
  return { openBucket, lookAtBucket, someObject };
}
