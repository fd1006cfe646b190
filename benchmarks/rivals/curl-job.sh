#!/bin/bash
# One job with curl: create, poll till done, download. BASE, KEY, VIDEO, AUDIO, FIRST, EVERY and FOLDER come from outside.
set -eu
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
body='{"model":"infinitalk-video-to-video","input":{"audio":"'$AUDIO'","video":"'$VIDEO'","prompt":"A person speaks","seed":'$1'}}'
id=$(curl -sf -H "x-api-key: $KEY" -H 'content-type: application/json' -d "$body" "$BASE/prediction/" | field predictionID)
sleep "$FIRST"
while :; do
  reply=$(curl -sf -H "x-api-key: $KEY" "$BASE/prediction/$id")
  [ "$(field status <<<"$reply")" = success ] && break
  sleep "$EVERY"
done
curl -sf -o "$FOLDER/$1.mp4" "$(field output <<<"$reply")"
