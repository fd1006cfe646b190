/** Where they lie in an `OpusHead` (RFC 7845, 5.1). */
const FAMILY_AT = 18;
const MAPPING_AT = 21;

/** How the channels of an Opus track lie in its packets, as its decoder wants to be told. */
export function opusStreams({ numberOfChannels, description }: AudioDecoderConfig) {
  const head = headBytes(description);
  // Family 0: one stream, whose channels are as they come.
  if (head.length < MAPPING_AT + numberOfChannels || head[FAMILY_AT] === 0) return { channels: numberOfChannels };
  const [streamCount = 0, coupledStreamCount = 0] = head.subarray(FAMILY_AT + 1);
  const channelMappingTable = [...head.subarray(MAPPING_AT, MAPPING_AT + numberOfChannels)];
  return { channels: numberOfChannels, streamCount, coupledStreamCount, channelMappingTable };
}

function headBytes(description: AudioDecoderConfig['description']): Uint8Array {
  if (description === undefined) return new Uint8Array();
  return ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
}
